// What all parts share. Text from models and visitors reaches the page here alone, as text nodes, never as HTML.
"use strict";
window.gpt2demo = (() => {
  /**
   * Make an element.
   * @param {string} tag
   * @param {Object<string, *>} attributes  `class`, `style`, `data-x`, ...; functions become listeners (`onclick`)
   * @param {...(Node|string)} children
   */
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (typeof value === "function") element[name] = value;
      else if (name === "style") element.style.cssText = value;
      else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };

  /** A probability as people read it: three digits, never 0 % for what is possible, nor 100 % for what is not certain. */
  const percent = (p) => {
    if (p === 0) return "0 %";
    const value = p * 100;
    if (value < 0.0001) return "<0.0001 %";
    if (value >= 99.995 && value < 100) return ">99.99 %";
    return `${value >= 99.95 && value < 100 ? value.toFixed(2) : Number(value.toPrecision(3))} %`;
  };

  /** `1 row`, `2 rows`. */
  const counted = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

  /** The pieces of a token's text with what cannot be seen made visible: [text, isMark] pairs. */
  const visible = (text) => {
    const marks = { " ": "·", "\n": "↵", "\t": "→", "\r": "␍", "\u00a0": "⍽", "\u0000": "␀" };
    const pieces = [];
    for (const character of text) {
      const code = character.codePointAt(0);
      const hidden = code < 32 || code === 127 || (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e)
        || (code >= 0x2060 && code <= 0x2069) || code === 0xfeff;
      const mark = marks[character] ?? (hidden ? `‹${code.toString(16).padStart(4, "0")}›` : null);
      const last = pieces[pieces.length - 1];
      if (mark === null && last && !last[1]) last[0] += character;
      else pieces.push([mark ?? character, mark !== null]);
    }
    return pieces;
  };

  /** A token's text as nodes, each direction-isolated, marks faint. */
  const tokenText = (text) => visible(text).map(([piece, mark]) => make(mark ? "i" : "bdi", { class: mark ? "mark" : null }, piece));

  /** Offer a file for saving. */
  const save = (name, type, content) => {
    const url = URL.createObjectURL(new Blob([content], { type }));
    const anchor = make("a", { href: url, download: name });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  };

  return { make, percent, counted, visible, tokenText, save };
})();
