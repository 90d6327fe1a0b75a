// One text and what the model thinks of it: three shares in one bar, words tinted by their part in it, what would turn it.
const { make, percent, save } = window.gpt2demo;
const root = element.querySelector(".opinion");
const LABELS = ["negative", "neutral", "positive"];
const SIGNS = { negative: "−", neutral: "·", positive: "+" };

const sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const bar = make("div", { class: "shares", role: "img" });
const key = make("p", { class: "key" });
const text = make("p", { class: "text", "aria-label": "The text, each word tinted by its part in the label" });
const because = make("p", { class: "because" });
const legend = make("p", { class: "legend" });
const flips = make("div", { class: "flips" });
const tools = make("p", { class: "tools" });
root.append(sentence, bar, key, text, because, legend, flips, tools);

const value = () => props.value ?? { words: [], probabilities: [], flips: [] };

const drawBar = () => {
  const { probabilities: p, threshold, label } = value();
  bar.setAttribute("aria-label", LABELS.map((name, i) => `${name} ${percent(p[i] ?? 0)}`).join(", "));
  bar.replaceChildren(...LABELS.map((name, i) => make("span", { class: name, style: `width:${100 * (p[i] ?? 0)}%`, title: `${name}: ${percent(p[i] ?? 0)}` },
    (p[i] ?? 0) > 0.12 ? `${SIGNS[name]} ${name}` : "")));
  key.replaceChildren(...LABELS.map((name, i) => make("span", { class: name === label ? "said" : null }, make("i", { class: `swatch ${name}` }),
    `${SIGNS[name]} ${name} ${percent(p[i] ?? 0)}`)), make("span", {}, `it answers from ${Math.round(100 * threshold)} % on`));
};

/** How strongly a word is tinted: its effect against the largest in the text. */
const drawText = () => {
  const { words, label, how } = value();
  const most = Math.max(0.001, ...words.map(([, effect]) => Math.abs(effect ?? 0)));
  const pieces = words.map(([piece, effect]) => {
    if (effect === null) return make("span", {}, piece);
    const share = Math.abs(effect) / most;
    const side = (effect < 0) === (label === "negative") ? "up" : "down"; // orange is what makes it more negative
    const word = piece.trimStart();
    return [piece.slice(0, piece.length - word.length), make("span", { class: `word ${side}`, tabindex: "0", style: `--share:${(0.85 * share).toFixed(3)}`,
      title: `${effect >= 0 ? "+" : "−"}${Math.abs(effect).toFixed(4)} for ${label}` }, make("bdi", {}, word))];
  }).flat();
  text.replaceChildren(...pieces);
  const tinted = words.some(([, effect]) => effect !== null);
  const ends = label === "negative" ? ["for", "against"] : ["against", "for"];
  legend.replaceChildren(...(tinted ? [make("span", {}, `${ends[0]} ${label}`), make("span", { class: "ramp", role: "img", "aria-label": "orange over nothing to blue" }),
    make("span", {}, `${ends[1]} ${label}`), make("small", {}, how)] : []));
};

const flipLine = (flip) => {
  const before = flip.pieces.map(([old, now]) => (old.trim() === now ? make("span", {}, old) : [old.slice(0, old.length - old.trimStart().length), make("del", {}, old.trim())])).flat();
  const after = flip.pieces.map(([old, now]) => {
    const space = old.slice(0, old.length - old.trimStart().length);
    return old.trim() === now ? make("span", {}, old) : now ? [space, make("ins", {}, now)] : "";
  }).flat();
  return make("li", {}, make("p", { class: "before" }, ...before), make("p", { class: "after" }, ...after),
    make("p", { class: "turned" }, `${SIGNS[flip.label]} ${flip.label} ${percent(flip.probability)}, was ${percent(flip.was)}`));
};

const drawFlips = () => {
  const { flips: found, label } = value();
  if (!found) return flips.replaceChildren();
  flips.replaceChildren(make("p", { class: "title" }, "What would turn it"), found.length
    ? make("ul", {}, ...found.map(flipLine))
    : make("p", {}, `Nothing small: no word left out or replaced, and no few left out together, make it anything but ${label ?? "this"}.`));
};

const exported = () => ({ text: value().words.map(([piece]) => piece).join(""), label: value().label, abstained: value().abstained,
  probabilities: Object.fromEntries(LABELS.map((name, i) => [name, value().probabilities[i]])), method: value().how,
  words: value().words.map(([piece, effect]) => ({ word: piece.trim(), effect })), flips: value().flips });
const json = make("button", { type: "button", class: "quiet" }, "JSON");
json.onclick = () => save("opinion.json", "application/json", JSON.stringify(exported(), null, 1));
const csv = make("button", { type: "button", class: "quiet" }, "CSV");
csv.onclick = () => save("opinion.csv", "text/csv", ["word,effect", ...exported().words.map(({ word, effect }) =>
  `"${(/^[=+@\-\t\r]/.test(word) ? `'${word}` : word).replaceAll('"', '""')}",${effect ?? ""}`)].join("\r\n"));
tools.append("Save as ", json, " ", csv);

const draw = () => {
  root.classList.toggle("is-empty", value().probabilities.length === 0);
  sentence.textContent = value().sentence ?? "";
  because.replaceChildren(make("bdi", {}, value().because ?? ""));
  drawBar();
  drawText();
  drawFlips();
};
watch("value", draw);
draw();
