// Grids of coloured cells and bars of before and after, in the page's own elements; and who asks for what when.
"use strict";
Object.assign(window.gpt2demo, (() => {
  const { make, percent, tokenText, effectLegend, twinOf, looking } = window.gpt2demo;

  /** A change as a colour: orange for down, grey for nothing, blue for up; `share` from -1 to 1. */
  const effectColour = (share) => `color-mix(in oklab, var(--effect-${share < 0 ? "down" : "up"}) ${(100 * Math.min(1, Math.abs(share))).toFixed(1)}%, var(--effect-none))`;
  const shareColour = (share) => `color-mix(in oklab, var(--scale-high) ${(100 * Math.min(1, share)).toFixed(1)}%, var(--scale-low))`;
  const signed = (value, digits = 2) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;

  /**
   * A grid of cells under one column heading each. `cell(r, c)` gives {colour, text, deep, title, off}.
   * @param {{caption: string, corner: string, open?: (r: number, c: number) => void, point?: (r: number, c: number) => void}} options
   */
  const cells = ({ caption, corner, open, point }) => {
    const grid = make("table", { class: "cells" });
    const element = make("div", { class: "cells-frame", tabindex: "-1" }, grid);
    let size = [0, 0];
    const at = (r, c) => grid.querySelector(`[data-cell="${r}.${c}"]`);
    const show = ({ rows, columns, cell, wide }) => {
      size = [rows.length, columns.length];
      grid.classList.toggle("is-wide", Boolean(wide));
      const head = make("tr", {}, make("th", { class: "corner" }, corner), ...columns.map((column) => make("th", { scope: "col" }, ...tokenText(String(column)))));
      const lines = rows.map((row, r) => make("tr", {}, make("th", { scope: "row" }, String(row)), ...columns.map((_, c) => {
        const { colour, text, deep, title, off } = cell(r, c);
        return make("td", {}, make("button", { type: "button", class: `cell${deep ? " deep" : ""}${off ? " off" : ""}`, "data-cell": `${r}.${c}`, disabled: off,
          style: colour ? `background:${colour}` : "", title, "aria-label": title, tabindex: r + c === 0 ? "0" : "-1" }, ...tokenText(text ?? "")));
      })));
      grid.replaceChildren(make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...lines));
    };
    const place = (event) => event.target.closest("[data-cell]")?.dataset.cell.split(".").map(Number);
    grid.onclick = (event) => { const spot = place(event); if (spot && open) open(...spot); };
    grid.onpointerover = (event) => { const spot = place(event); if (spot && point) point(...spot); };
    grid.addEventListener("focusin", (event) => { const spot = place(event); if (spot && point) point(...spot); });
    grid.onkeydown = (event) => {
      const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
      const spot = place(event), step = moves[event.key];
      if (!spot || !step) return;
      event.preventDefault();
      let [r, c] = spot;
      do { r += step[0]; c += step[1]; } while (at(r, c)?.disabled);
      if (r < 0 || c < 0 || r >= size[0] || c >= size[1]) return;
      event.target.tabIndex = -1;
      at(r, c).tabIndex = 0;
      at(r, c).focus();
    };
    const choose = (r, c) => {
      grid.querySelectorAll(".chosen").forEach((node) => node.classList.remove("chosen"));
      at(r, c)?.classList.add("chosen");
    };
    return { element, show, choose };
  };

  /** What could come next, before a change (outline) and after it (filled): rows {text, before, after, target}. */
  const beforeAfter = (rows) => {
    const full = Math.max(...rows.flatMap((row) => [row.before, row.after]), 1e-9);
    const width = (p) => `${((100 * p) / full).toFixed(2)}%`;
    const bar = ({ before, after }) => make("span", { class: "bar" },
      make("span", { class: "after", style: `width:${width(after)};background:${effectColour(after === before ? 0 : Math.sign(after - before) * Math.min(1, Math.abs(Math.log(after / before))))}` }),
      make("span", { class: "before", style: `width:${width(before)}` }));
    return make("ol", { class: "before-after-bars" }, ...rows.map((row) => make("li", { class: row.target ? "target" : null },
      make("span", { class: "label" }, ...tokenText(row.text)), bar(row),
      make("span", { class: "numbers" }, `${percent(row.before)} → ${percent(row.after)}`))));
  };

  /** What the two marks of such a bar and its colours mean. */
  const beforeAfterKey = () => make("div", {}, effectLegend("less likely than before", "likelier"),
    make("p", { class: "before-after-key" }, make("span", { class: "outline" }), "before", make("span", { class: "filled" }), "after"));
  /** The same bars as a table; `all` gives its rows under their headings. */
  const beforeAfterTwin = (file, found) => {
    const HEADS = ["token", "probability before", "probability after"];
    const list = () => found().map((row) => [row.text, row.before, row.after]);
    const columns = HEADS.map((name, i) => (i ? { name, text: percent } : { name }));
    return { ...twinOf({ caption: "Before and after", file, columns }, list), all: () => [HEADS, ...list()] };
  };

  /** Whether a text is the beginning of the one that the atlas shows. */
  const ofThisText = (ids) => Boolean(looking.ids) && ids.every((id, i) => id === looking.ids[i]);

  /**
   * Keep a part up to date with the text that the atlas shows, but only while it can be seen, or nearly.
   * @param {HTMLElement} root
   * @param {() => (number[]|undefined)} shown  the ids that the part shows now
   * @param {() => void} ask  what to do when they are others
   */
  const following = (root, shown, ask) => {
    let seen = false, asked = "";
    const look = () => {
      const wanted = JSON.stringify(looking.ids);
      if (!seen || !looking.ids || wanted === asked || wanted === JSON.stringify(shown())) return;
      asked = wanted;
      ask();
    };
    new IntersectionObserver(([entry]) => { seen = entry.isIntersecting; look(); }, { rootMargin: "0px 0px 600px" }).observe(root); // or about to be
    document.addEventListener("text-looked", () => { asked = ""; look(); });
  };

  /** What to send so that one more head is off, or on again. */
  const switched = ([layer, head]) => {
    const { off } = looking;
    const others = off.filter((place) => place[0] !== layer || place[1] !== head);
    return asked({ heads: others.length < off.length ? others : [...off, [layer, head]] });
  };
  /** A question about the text and the heads that are off, with some of it changed. */
  const asked = (change = {}) => {
    const { ids, model, off, mlps, position } = looking;
    return { ids, model, heads: off, mlps, position, ...change };
  };

  return { switched, asked, effectColour, shareColour, signed, cells, beforeAfter, beforeAfterKey, beforeAfterTwin, ofThisText, following };
})());
