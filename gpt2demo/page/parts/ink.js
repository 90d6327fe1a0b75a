// A text with lines of ink from token to token, each as wide as its weight. A token under the pointer shows its own.
"use strict";
window.gpt2demo.ink = ({ point, leave, pin }) => {
  const { make, tokenText, depth, percent } = window.gpt2demo;
  const WIDEST = 7, FAINTEST = 0.02, OVERVIEW = 0.1;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("aria-hidden", "true");
  const words = make("div", { class: "ink-words", role: "group", "aria-label": "The text; a token shows what it looks at" });
  const element = make("div", { class: "ink" }, words, svg);
  let shown = { n: 0 }, nodes = [];

  const spot = (i) => {
    const box = nodes[i].getClientRects()[0], frame = element.getBoundingClientRect();
    return { x: box.left + box.width / 2 - frame.left, top: box.top - frame.top, bottom: box.bottom - frame.top };
  };
  const line = (i, j, weight, kind) => {
    const from = spot(i), to = spot(j);
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    const same = Math.abs(from.top - to.top) < 4;
    const rise = same ? Math.min(24, 8 + Math.abs(from.x - to.x) * 0.12) : 16;
    const end = same ? to.top : to.bottom;
    path.setAttribute("d", `M${from.x} ${from.top} C${from.x} ${from.top - rise}, ${to.x} ${same ? end - rise : end + rise}, ${to.x} ${end}`);
    path.setAttribute("class", kind);
    path.setAttribute("stroke-width", Math.max(0.7, (kind === "overview" ? 0.5 : 1) * WIDEST * weight).toFixed(2));
    path.setAttribute("stroke-opacity", (0.25 + 0.65 * depth(weight)).toFixed(3));
    return path;
  };

  /** The lines of one token (what it looks at, who looks at it), or the strongest of every token. */
  const mark = (i) => {
    const { n, at } = shown;
    const lines = [];
    const known = i !== null && i !== undefined && i < n;
    nodes.forEach((node, j) => {
      const weight = known && j <= i ? at(i, j) : 0;
      node.style.setProperty("--share", known ? depth(weight).toFixed(4) : "0");
      node.classList.toggle("deep", depth(weight) > 0.6);
      node.classList.toggle("looks", j === i);
    });
    for (let k = 0; k < n; k += 1) {
      if (!known) {
        let best = -1;
        for (let j = 0; j < k; j += 1) if (at(k, j) > OVERVIEW && (best < 0 || at(k, j) > at(k, best))) best = j;
        if (best >= 0) lines.push(line(k, best, at(k, best), "overview"));
      } else if (k < i && at(i, k) >= FAINTEST) lines.push(line(i, k, at(i, k), "looks-at"));
      else if (k > i && at(k, i) >= FAINTEST) lines.push(line(k, i, at(k, i), "looked-at"));
    }
    svg.replaceChildren(...lines);
  };

  /** In words: the strongest of what a token looks at and of who looks at it. */
  const sentence = (i) => {
    const { n, at, pieces } = shown;
    const name = (j) => `“${pieces[j].replaceAll("\n", "↵").trim() || "space"}”`;
    const best = (from, to, weight) => Array.from({ length: to - from }, (_, k) => [from + k, weight(from + k)])
      .filter(([, w]) => w >= FAINTEST).sort((a, b) => b[1] - a[1]).slice(0, 3);
    const list = (found) => found.map(([j, w]) => `${j === i ? "itself" : name(j)} ${percent(w)}`).join(", ");
    const to = best(0, i + 1, (j) => at(i, j)), by = best(i + 1, n, (k) => at(k, i));
    return `${name(i)} looks at ${list(to) || "nothing in particular"}.${by.length ? ` It is looked at by ${list(by)}.` : ""}`;
  };

  const show = (value, pinned) => {
    shown = value;
    nodes = value.pieces.map((piece, i) => make("button", { type: "button", class: "token", "data-index": i,
      tabindex: i === 0 ? "0" : "-1", "aria-pressed": i === pinned ? "true" : "false" }, ...tokenText(piece)));
    words.replaceChildren(...nodes.flatMap((node, i) => (value.pieces[i].includes("\n") ? [node, make("br")] : [node])));
  };
  const index = (event) => {
    const node = event.target.closest(".token");
    return node ? Number(node.dataset.index) : null;
  };
  words.onpointerover = (event) => { const i = index(event); if (i !== null && event.pointerType !== "touch") point(i, null); };
  words.onpointerleave = () => leave();
  words.addEventListener("focusin", (event) => { const i = index(event); if (i !== null && event.target.matches(":focus-visible")) point(i, null); });
  words.onclick = (event) => { const i = index(event); if (i !== null) pin(i); };
  words.onkeydown = (event) => {
    const steps = { ArrowRight: 1, ArrowLeft: -1 };
    if (event.key === "Escape") pin(null);
    const next = nodes[index(event) + steps[event.key]];
    if (!next) return;
    event.preventDefault();
    nodes.forEach((node) => { node.tabIndex = -1; });
    next.tabIndex = 0;
    next.focus();
  };
  const press = (pinned) => nodes.forEach((node, i) => node.setAttribute("aria-pressed", i === pinned ? "true" : "false"));
  return { element, svg, show, mark, press, sentence };
};
