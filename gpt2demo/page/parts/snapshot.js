// A picture that is made of elements, as an SVG or PNG file: its coloured boxes, lines and words where they stand.
"use strict";
Object.assign(window.gpt2demo, (() => {
  const { save, colour, folded, saves, saveCsv } = window.gpt2demo;
  const MARGIN = 14, TITLE = 30, FOOT = 28;
  const clean = (text) => String(text).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/gu, "\ufffd");
  const escape = (text) => clean(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

  /** Any CSS colour as "rgb(r g b)" and its opacity, by letting a canvas paint it. */
  const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const plain = (css) => {
    if (!known.has(css)) {
      pixel.clearRect(0, 0, 1, 1);
      pixel.fillStyle = css;
      pixel.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
      known.set(css, { fill: `rgb(${r},${g},${b})`, opacity: a / 255 });
    }
    return known.get(css);
  };

  /** The boxes, words and lines of an element, as far as they are visible: SVG elements as text. */
  const shapes = (element, origin) => {
    const found = [];
    const visit = (node) => {
      if (node.nodeType === Node.TEXT_NODE) return words(node);
      if (node.nodeType !== Node.ELEMENT_NODE || !node.checkVisibility()) return;
      const style = getComputedStyle(node), box = node.getBoundingClientRect();
      const { fill, opacity } = plain(style.backgroundColor);
      if (opacity > 0 && box.width && box.height) {
        found.push(`<rect x="${(box.left - origin.left).toFixed(1)}" y="${(box.top - origin.top).toFixed(1)}" width="${box.width.toFixed(1)}" height="${box.height.toFixed(1)}" fill="${fill}" fill-opacity="${opacity.toFixed(3)}"/>`);
      }
      const outline = /^(.+\)) .*inset$/.exec(style.boxShadow);
      if (outline) {
        found.push(`<rect x="${(box.left - origin.left).toFixed(1)}" y="${(box.top - origin.top).toFixed(1)}" width="${box.width.toFixed(1)}" height="${box.height.toFixed(1)}" fill="none" stroke="${plain(outline[1]).fill}"/>`);
      }
      if (node instanceof SVGGeometryElement) found.push(drawn(node, style));
      node.childNodes.forEach(visit);
    };
    /** A shape of an SVG on the page, where it stands on the screen and in the colours that it has there. */
    const drawn = (node, style) => {
      const { a, b, c, d, e, f } = node.getScreenCTM(), copy = node.cloneNode(false);
      for (const name of ["class", "style"]) copy.removeAttribute(name);
      const set = (name, value) => copy.setAttribute(name, value);
      set("transform", `matrix(${[a, b, c, d, e - origin.left, f - origin.top].map((x) => x.toFixed(4)).join(" ")})`);
      for (const kind of ["fill", "stroke"]) {
        const paint = style[kind] === "none" ? { fill: "none", opacity: 1 } : plain(style[kind]);
        set(kind, paint.fill);
        set(`${kind}-opacity`, (paint.opacity * Number(style[`${kind}Opacity`])).toFixed(3));
      }
      set("stroke-width", style.strokeWidth);
      if (style.strokeDasharray !== "none") set("stroke-dasharray", style.strokeDasharray);
      if (style.vectorEffect !== "none") set("vector-effect", style.vectorEffect);
      return new XMLSerializer().serializeToString(copy);
    };
    const words = (node) => {
      if (!node.data.trim() || node.parentElement.tagName === "title") return;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getClientRects()[0], style = getComputedStyle(node.parentElement);
      if (!box) return;
      const ours = node.parentElement instanceof SVGElement, size = parseFloat(style.fontSize) * (ours ? node.parentElement.getScreenCTM().a : 1);
      found.push(`<text x="${(box.left - origin.left).toFixed(1)}" y="${(box.bottom - origin.top - box.height * 0.24).toFixed(1)}" font-family="${escape(style.fontFamily)}" font-size="${size.toFixed(1)}" font-weight="${style.fontWeight}" fill="${plain(ours ? style.fill : style.color).fill}" xml:space="preserve">${escape(node.data)}</text>`);
    };
    visit(element);
    return found.join("");
  };

  const svg = (element, title, sentence) => {
    const box = element.getBoundingClientRect();
    const width = Math.max(element.scrollWidth, 420) + 2 * MARGIN;
    const said = folded(sentence, (width - 2 * MARGIN) / 6.4), height = element.scrollHeight + TITLE + FOOT + 2 * MARGIN + 16 * (said.length - 1);
    const origin = { left: box.left - MARGIN - element.scrollLeft, top: box.top - MARGIN - TITLE - element.scrollTop };
    const line = (y, size, text) => `<text x="${MARGIN}" y="${y}" font-family="sans-serif" font-size="${size}" fill="${plain(colour("ink")).fill}">${escape(text)}</text>`;
    return { width, height, text: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`
      + `<rect width="100%" height="100%" fill="${plain(colour("paper")).fill}"/>${line(26, 16, title)}${shapes(element, origin)}${said.map((text, i) => line(height - 14 - 16 * (said.length - 1 - i), 12, text)).join("")}</svg>` };
  };
  const saveElementSvg = (name, element, title, sentence) => save(`${name}.svg`, "image/svg+xml", svg(element, title, sentence).text);

  /** The same drawing as pixels, two for each of the page's. */
  const saveElementPng = async (name, element, title, sentence) => {
    const { width, height, text } = svg(element, title, sentence);
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * width, 2 * height];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(`${name}.png`, "image/png", blob));
  };

  /** "Save as PNG SVG CSV" for a picture made of elements; `told` gives its title, sentence and rows at the click. */
  const savesOf = (name, element, told) => saves({
    PNG: () => saveElementPng(name, element, told().title, told().sentence),
    SVG: () => saveElementSvg(name, element, told().title, told().sentence),
    CSV: () => saveCsv(name, told().rows),
  });
  return { savesOf, saveElementSvg, saveElementPng };
})());
