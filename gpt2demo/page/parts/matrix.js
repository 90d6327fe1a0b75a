// One head as a matrix: a row is a token, and its colours say how it spreads its look over itself and those before it.
"use strict";
window.gpt2demo.matrix = ({ most = 470, point, leave, pin }) => {
  const { make, visible, depth, scale, sharpen, colour } = window.gpt2demo;
  const LABELS = { least: 9, room: 84 };
  const canvas = make("canvas", { class: "matrix", tabindex: "0", role: "application",
    "aria-label": "The head as a matrix: rows look at columns. Arrow keys move, Enter pins the row." });
  const upper = make("canvas", { class: "crosshair", "aria-hidden": "true" });
  const element = make("div", { class: "matrix-frame" }, canvas, upper);
  let shown = { n: 0 }, cell = 1, place = [0, 0];

  const label = (text) => visible(text).map(([piece]) => piece).join("").slice(0, 14);
  const draw = (width) => {
    const { n, at, pieces } = shown;
    if (!n) return;
    const ratio = window.devicePixelRatio || 1;
    const room = Math.min(most, width) - LABELS.room;
    cell = Math.max(1, Math.floor(Math.min(30, room / n) * ratio)) / ratio;
    const size = [n * cell + LABELS.room, n * cell];
    const { ink } = sharpen(canvas, ...size);
    sharpen(upper, ...size);
    const shades = scale("scale-low", "scale-high");
    const gap = cell >= 6 ? 1 : 0;
    for (let i = 0; i < n; i += 1) {
      for (let j = 0; j <= i; j += 1) {
        const [r, g, b] = shades[Math.round(255 * depth(at(i, j)))];
        ink.fillStyle = `rgb(${r} ${g} ${b})`;
        ink.fillRect(j * cell, i * cell, cell - gap, cell - gap);
      }
    }
    if (cell >= LABELS.least) {
      ink.font = `${Math.min(13, cell + 2)}px ${colour("mono")}`;
      ink.fillStyle = colour("faint");
      ink.textBaseline = "middle";
      pieces.forEach((piece, i) => ink.fillText(label(piece), (i + 1) * cell + 3, (i + 0.5) * cell));
    }
  };

  /** Outline the row and the column of a weight, or the row alone; null takes the outline away. */
  const mark = (i, j) => {
    const ink = upper.getContext("2d");
    ink.clearRect(0, 0, upper.width, upper.height);
    if (i === null || i === undefined || i >= shown.n) return;
    ink.strokeStyle = colour("ink");
    ink.lineWidth = 1;
    ink.strokeRect(-1, i * cell - 0.5, (i + 1) * cell + 0.5, Math.max(2, cell));
    if (j === null || j === undefined || j > i) return;
    ink.globalAlpha = 0.5;
    ink.strokeRect(j * cell - 0.5, j * cell - 0.5, Math.max(2, cell), (shown.n - j) * cell);
    ink.globalAlpha = 1;
    ink.lineWidth = 2;
    ink.strokeRect(j * cell - 1, i * cell - 1, Math.max(3, cell + 1), Math.max(3, cell + 1));
    if (cell < LABELS.least) {
      ink.font = `13px ${colour("mono")}`;
      ink.fillStyle = colour("ink");
      ink.fillText(label(shown.pieces[i]), (i + 1) * cell + 6, Math.max(12, i * cell + 4));
    }
  };

  const under = (event) => {
    const bounds = canvas.getBoundingClientRect();
    const i = Math.floor((event.clientY - bounds.top) / cell), j = Math.floor((event.clientX - bounds.left) / cell);
    return i >= 0 && i < shown.n && j >= 0 && j <= i ? [i, j] : null;
  };
  const go = (i, j) => { place = [i, j]; point(i, j); };
  canvas.onpointermove = (event) => { const spot = under(event); if (spot) go(...spot); else leave(); };
  canvas.onpointerleave = () => leave();
  canvas.onclick = (event) => { const spot = under(event); if (spot) pin(spot[0]); };
  canvas.onkeydown = (event) => {
    const [i, j] = place, last = shown.n - 1;
    const moves = { ArrowUp: [i - 1, Math.min(j, i - 1)], ArrowDown: [i + 1, j], ArrowLeft: [i, j - 1], ArrowRight: [i, j + 1] };
    if (event.key === "Enter") pin(i);
    else if (event.key in moves) {
      const [row, column] = moves[event.key];
      if (row >= 0 && row <= last && column >= 0 && column <= row) go(row, column);
    } else return;
    event.preventDefault();
  };
  return { element, canvas, mark, show: (value, width) => { shown = value; place = [value.n - 1, 0]; draw(width); } };
};
