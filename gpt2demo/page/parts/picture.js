// What all pictures share: sharp canvases, the page's colour scales, tables that sort, files to save.
"use strict";
Object.assign(window.gpt2demo, (() => {
  const { make, save } = window.gpt2demo;
  const SHADES = 256;

  /** A colour of page.css as it is now, by day or by night. */
  const colour = (name) => getComputedStyle(document.querySelector(".gradio-container")).getPropertyValue(`--${name}`).trim();

  /**
   * A scale as 256 colours [r, g, b], mixed in oklab as the legends are.
   * @param {string[]} names  the colours of page.css that it passes through
   */
  const scale = (...names) => {
    const canvas = make("canvas", { width: SHADES, height: 1 });
    const ink = canvas.getContext("2d", { willReadFrequently: true });
    const stops = names.map(colour);
    for (let i = 0; i < SHADES; i += 1) {
      const at = (i / (SHADES - 1)) * (stops.length - 1);
      const low = Math.min(Math.floor(at), stops.length - 2);
      ink.fillStyle = `color-mix(in oklab, ${stops[low + 1]} ${((at - low) * 100).toFixed(2)}%, ${stops[low]})`;
      ink.fillRect(i, 0, 1, 1);
    }
    const { data } = ink.getImageData(0, 0, SHADES, 1);
    return Array.from({ length: SHADES }, (_, i) => [data[4 * i], data[4 * i + 1], data[4 * i + 2]]);
  };
  const rgb = ([r, g, b]) => `rgb(${r} ${g} ${b})`;

  /** Where a share of attention lies on the scale: its square root, so that one percent can still be seen. */
  const depth = (share) => Math.sqrt(Math.min(1, Math.max(0, share)));

  /** Give a canvas as many pixels as the screen has there; returns its 2D context in CSS pixels and the ratio. */
  const sharpen = (canvas, width, height) => {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${canvas.width / ratio}px`;
    canvas.style.height = `${canvas.height / ratio}px`;
    const ink = canvas.getContext("2d");
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { ink, ratio };
  };

  /** Call `draw` whenever the element's width, the screen's sharpness or day and night change. */
  const redrawing = (element, draw) => {
    let width = -1;
    const sizes = new ResizeObserver(([entry]) => {
      const now = Math.round(entry.contentRect.width);
      if (now !== width && now > 0) { width = now; draw(); }
    });
    sizes.observe(element);
    const onNight = () => { if (element.checkVisibility()) draw(); else width = -1; }; // drawn anew when it is seen again
    new MutationObserver(onNight).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  };

  /** The legend of attention: from nothing to everything, with the ticks where they lie on the scale. */
  const attentionLegend = (what) => make("p", { class: "scale-key" }, make("span", { class: "what" }, `${what}: `), make("span", {}, "nothing"),
    make("span", { class: "scale-ramp", role: "img", "aria-label": "from nothing, pale, to everything, deep blue" },
      ...[0.01, 0.1, 0.25, 0.5].map((share) => make("i", { style: `left:${100 * depth(share)}%` }, `${100 * share} %`))),
    make("span", {}, "everything"));

  /** The legend of effects: orange for down, grey for nothing, blue for up. */
  const effectLegend = (low, high) => make("p", { class: "scale-key" }, make("span", {}, low),
    make("span", { class: "scale-ramp is-effect", role: "img", "aria-label": `from ${low}, orange, over nothing, grey, to ${high}, blue` }),
    make("span", {}, high));

  /** A cell of a CSV file; a text that a spreadsheet would take for a formula is kept from being one. */
  const cell = (value) => {
    const text = String(value ?? "");
    const safe = typeof value === "string" && /^[=+@\-\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const csv = (rows) => rows.map((row) => row.map(cell).join(",")).join("\r\n");
  const saveCsv = (name, rows) => save(`${name}.csv`, "text/csv", csv(rows));
  const savePng = (name, canvas) => canvas.toBlob((blob) => save(`${name}.png`, "image/png", blob));

  /** A quiet button. */
  const quiet = (text, onclick, attributes = {}) => make("button", { type: "button", class: "quiet", onclick, ...attributes }, text);

  /** "Save as PNG SVG CSV": the kinds by name, each with what it does. */
  const saves = (kinds, what = "Save as") => make("span", { class: "saves" }, `${what} `, ...Object.entries(kinds).map(([kind, act]) =>
    quiet(kind, act, { "data-kind": kind })));

  const clean = (text) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
  const escape = (text) => clean(String(text)).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

  /** A sentence in lines of at most so many letters. */
  const folded = (sentence, most) => sentence.split(" ").reduce((lines, word) => {
    const last = lines[lines.length - 1];
    if (last && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
    return lines;
  }, []);

  /** A canvas as an SVG file: the picture, with a title above it and the sentence below as text. */
  const saveSvg = (name, canvas, title, sentence) => {
    const width = parseFloat(canvas.style.width), height = parseFloat(canvas.style.height);
    const wide = Math.max(width, 480), lines = folded(sentence, wide / 7);
    const text = (y, size, said) => `<text x="12" y="${y}" font-size="${size}" font-family="sans-serif" fill="${escape(colour("ink"))}">${escape(said)}</text>`;
    save(`${name}.svg`, "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" width="${wide + 24}" height="${height + 66 + 18 * lines.length}">`
      + `<rect width="100%" height="100%" fill="${escape(colour("paper"))}"/>${text(28, 16, title)}`
      + `<image x="12" y="44" width="${width}" height="${height}" href="${canvas.toDataURL("image/png")}" style="image-rendering:pixelated"/>`
      + `${lines.map((line, i) => text(height + 68 + 18 * i, 13, line)).join("")}</svg>`);
  };

  return { colour, scale, rgb, depth, sharpen, redrawing, attentionLegend, effectLegend, folded, csv, saveCsv, savePng, saveSvg, quiet, saves };
})());

// What the parts of the attention tab agree on: the text, the head that is open and how it is seen, what is switched off.
window.gpt2demo.looking = { ids: null, model: "", texts: [], place: null, view: "raw", words: false, off: [], mlps: [], position: null };
