// All heads of the model at a glance: one small map each, layers down, heads across. A click opens a head.
const { make, needsPyTorch, percent, depth, switched, scale, sharpen, redrawing, colour, attentionLegend, saves, saveCsv, savePng, saveSvg, looking, steps } = window.gpt2demo;
const root = element.querySelector(".atlas");
const GUTTER = { left: 34, top: 30 };
const LARGEST = 46; // CSS pixels of a cell
const TITLE = "Every head of the model";

let bytes = null, fetched = "", here = [0, 0], cell = LARGEST;
const base = make("canvas", { class: "maps", "aria-hidden": "true" });
const marks = make("canvas", { class: "marks", tabindex: "0", role: "application",
  "aria-label": "Map of all heads. Arrow keys move, Enter opens a head, X switches it off or on." });
const frame = make("div", { class: "frame" }, base, marks);
const readout = make("p", { class: "readout", role: "status", "aria-live": "polite" });
const about = make("p", { class: "about" });
const modes = [["look", "look at it"], ["off", "switch it off or on"]].map(([name, says]) =>
  make("label", {}, make("input", { type: "radio", name: "atlas-click", value: name, checked: name === "look" }), says));
const title = make("h3", {}, TITLE);
const axes = make("p", { class: "axes" },
  "Each small triangle is one head: a row is a token, and looks left along the row at the tokens before it. Layers down, heads across, counted from 0.");
root.append(title, about, frame, readout, attentionLegend("Attention"), axes,
  make("p", { class: "tools" }, make("span", { class: "modes", role: "radiogroup", "aria-label": "What a click does" }, "A click: ", modes[0], needsPyTorch(modes[1])),
    saves({ PNG: () => savePng("attention-atlas", together()), SVG: () => saveSvg("attention-atlas", together(), TITLE, `${about.textContent} ${axes.textContent}`),
      CSV: () => saveCsv("attention-heads", table()) })));

const value = () => props.value ?? { n: 0 };
const clicks = () => root.querySelector("input[name=atlas-click]:checked").value;

const table = () => {
  const { heads, metrics, scores } = value();
  return [["layer", "head", ...metrics.map((metric) => metric.name)],
    ...scores[0].map((_, i) => [Math.floor(i / heads), i % heads, ...scores.map((of) => of[i])])];
};

/** One head as pixels: whole pixels per weight where there is room, else the strongest weight that falls on a pixel. */
const map = (ink, side, shades, offset) => {
  const { side: n } = value(); // of the map: as many points as tokens, or fewer where there are very many heads
  const image = ink.createImageData(side, side), pixels = new Uint32Array(image.data.buffer);
  const ends = Array.from({ length: side + 1 }, (_, pixel) => (pixel * n) / side);
  for (let y = 0; y < side; y += 1) {
    const i0 = Math.floor(ends[y]), i1 = Math.max(i0 + 1, Math.floor(ends[y + 1]));
    for (let x = 0; x < side; x += 1) {
      const j0 = Math.floor(ends[x]), j1 = Math.max(j0 + 1, Math.floor(ends[x + 1]));
      let most = -1;
      for (let i = i0; i < i1; i += 1) {
        const row = offset + (i * (i + 1)) / 2;
        for (let j = j0; j < j1 && j <= i; j += 1) if (bytes[row + j] > most) most = bytes[row + j];
      }
      if (most >= 0) pixels[y * side + x] = shades[most];
    }
  }
  return image;
};

const draw = () => {
  const { side: n, layers, heads } = value();
  if (!bytes || !n) return;
  const room = root.clientWidth - GUTTER.left;
  cell = Math.max(8, Math.min(LARGEST, Math.floor(room / heads)));
  const { ink, ratio } = sharpen(base, GUTTER.left + heads * cell, GUTTER.top + layers * cell);
  sharpen(marks, GUTTER.left + heads * cell, GUTTER.top + layers * cell);
  const full = scale("scale-low", "scale-high");
  const shades = new Uint32Array(256); // each colour as the four bytes of a pixel
  const parts = new Uint8Array(shades.buffer);
  for (let weight = 0; weight < 256; weight += 1) parts.set([...full[Math.round(255 * depth(weight / 255))], 255], 4 * weight);
  const pixels = Math.max(1, Math.floor((cell - (cell > 20 ? 4 : 2)) * ratio));
  const even = n * Math.floor(pixels / n); // every weight the same number of pixels, unless that wastes the room
  const side = even > 0.8 * pixels ? even : pixels;
  const size = (n * (n + 1)) / 2;
  for (let layer = 0; layer < layers; layer += 1) {
    for (let head = 0; head < heads; head += 1) {
      const image = map(ink, side, shades, (layer * heads + head) * size);
      ink.putImageData(image, Math.round((GUTTER.left + head * cell) * ratio), Math.round((GUTTER.top + layer * cell) * ratio));
    }
  }
  ink.fillStyle = colour("faint");
  ink.font = "12px system-ui, sans-serif";
  const numbers = (count, place) => { for (let i = 0; i < count; i += cell < 18 ? 2 : 1) place(i); };
  ink.textAlign = "center";
  numbers(heads, (head) => ink.fillText(head, GUTTER.left + (head + 0.5) * cell - 2, 26));
  ink.textAlign = "right";
  numbers(layers, (layer) => ink.fillText(layer, GUTTER.left - 8, GUTTER.top + (layer + 0.5) * cell + 2));
  ink.textAlign = "left";
  ink.fillText("head", GUTTER.left, 11);
  ink.fillText("layer", 0, 26);
  drawMarks();
};

const box = (ink, [layer, head], style, width) => {
  ink.strokeStyle = style;
  ink.lineWidth = width;
  ink.strokeRect(GUTTER.left + head * cell - 2, GUTTER.top + layer * cell - 2, cell - 1, cell - 1);
};
const drawMarks = () => {
  const { heads } = value(), chosen = looking.place;
  const off = [...looking.off, ...looking.mlps.flatMap((layer) => Array.from({ length: heads }, (_, head) => [layer, head]))];
  const ink = marks.getContext("2d");
  ink.clearRect(0, 0, marks.width, marks.height);
  for (const [layer, head] of off) {
    const x = GUTTER.left + head * cell - 2, y = GUTTER.top + layer * cell - 2, size = cell - 1;
    ink.globalAlpha = 0.8;
    ink.fillStyle = colour("paper");
    ink.fillRect(x, y, size, size);
    ink.globalAlpha = 1;
    ink.strokeStyle = colour("effect-down");
    ink.lineWidth = 1.5;
    ink.beginPath();
    ink.moveTo(x + 3, y + 3);
    ink.lineTo(x + size - 3, y + size - 3);
    ink.moveTo(x + size - 3, y + 3);
    ink.lineTo(x + 3, y + size - 3);
    ink.stroke();
  }
  if (chosen) box(ink, chosen, colour("accent"), 2.5);
  if (document.activeElement === marks || marks.matches(":hover")) box(ink, here, colour("ink"), 1.5);
};

const say = ([layer, head]) => {
  const { heads, metrics, scores, sentences } = value();
  const i = layer * heads + head;
  const numbers = metrics.map((metric, m) => `${metric.short} ${metric.unit === "%" ? percent(scores[m][i]) : `${scores[m][i].toFixed(1)} ${metric.unit}`}`);
  readout.replaceChildren(make("b", {}, sentences[i]), make("br"), `over all ${value().n} tokens: ${numbers.join(" · ")}`);
};
const go = (place) => { here = place; say(here); drawMarks(); };
const press = () => {
  const { ids, model } = value();
  const asked = { ids, model, layer: here[0], head: here[1], view: looking.view, words: looking.words };
  if (clicks() === "off") trigger("switch", switched(here));
  else {
    trigger("pick", asked);
    document.dispatchEvent(new Event("head-wanted"));
  }
};
const under = (event) => {
  const { layers, heads } = value();
  const bounds = marks.getBoundingClientRect();
  const head = Math.floor((event.clientX - bounds.left - GUTTER.left) / cell);
  const layer = Math.floor((event.clientY - bounds.top - GUTTER.top) / cell);
  return head >= 0 && layer >= 0 && head < heads && layer < layers ? [layer, head] : null;
};
marks.onpointermove = (event) => { const place = under(event); if (place) go(place); };
marks.onpointerleave = () => { here = looking.place ?? [0, 0]; say(here); drawMarks(); };
marks.onfocus = drawMarks;
marks.onblur = drawMarks;
marks.onclick = (event) => {
  const place = under(event);
  if (!place) return;
  go(place);
  press();
};
marks.onkeydown = (event) => {
  const { layers, heads } = value();
  const steps = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  if (event.key in steps) {
    const [down, right] = steps[event.key];
    go([Math.min(layers - 1, Math.max(0, here[0] + down)), Math.min(heads - 1, Math.max(0, here[1] + right))]);
  } else if (event.key === "Enter" || event.key === " ") press();
  else if (event.key.toLowerCase() === "x") { root.querySelector("[value=off]").checked = true; press(); } else return;
  event.preventDefault();
};

/** Both canvases on paper, as they are seen. */
const together = () => {
  const copy = make("canvas", { width: base.width, height: base.height });
  copy.style.width = base.style.width;
  copy.style.height = base.style.height;
  const ink = copy.getContext("2d");
  ink.fillStyle = colour("paper");
  ink.fillRect(0, 0, copy.width, copy.height);
  ink.drawImage(base, 0, 0);
  ink.drawImage(marks, 0, 0);
  return copy;
};

const load = async () => {
  const { key, n, said, chosen } = value();
  root.classList.toggle("is-empty", !n);
  if (!n) return;
  about.textContent = said;
  Object.assign(looking, { ids: value().ids, model: value().model, texts: value().texts });
  if (key !== fetched) {
    const answer = await fetch(new URL(`kept/${key}`, document.baseURI));
    if (!answer.ok) {
      readout.textContent = "This picture is no longer kept. Press Look to draw it again.";
      return;
    }
    const arrived = new Uint8Array(await answer.arrayBuffer());
    if (value().key !== key) return; // a newer picture is on its way
    bytes = arrived;
    fetched = key;
    draw();
    document.dispatchEvent(new Event("text-looked"));
  }
  here = looking.place ?? chosen;
  say(here);
  drawMarks();
  root.dataset.drawn = key;
};
for (const name of ["head-opened", "heads-switched"]) document.addEventListener(name, () => { if (bytes) drawMarks(); });
redrawing(root, draw);
addEventListener("pagehide", () => { // for the page after a reload
  const typed = document.querySelector("#look-text textarea")?.value;
  if (typed) steps.kept("look", typed.slice(0, 20000));
});
watch("value", load);
load();
