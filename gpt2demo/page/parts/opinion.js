// One text and what the model thinks of it: three shares in one bar, words tinted by their part in it, what would turn it.
const { make, percent, save, quiet, saves, saveCsv, saveElementPng, saveElementSvg } = window.gpt2demo;
const root = element.querySelector(".opinion");
const LABELS = ["negative", "neutral", "positive"];
const SIGNS = { negative: "−", neutral: "·", positive: "+" };

const sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const by = make("p", { class: "by" });
const bar = make("div", { class: "shares", role: "img" });
const mark = make("i", { class: "threshold", "aria-hidden": "true" });
const key = make("p", { class: "key" });
const text = make("p", { class: "text", "aria-label": "The text, each word tinted by its part in the label" });
const legend = make("p", { class: "legend" });
const picture = make("div", {}, make("div", { class: "bar" }, bar, mark), key, text, legend);
const because = make("p", { class: "because" });
const about = make("p", { class: "how" });
const flips = make("div", { class: "flips" });
const tools = make("p", { class: "tools" });
root.append(sentence, picture, because, about, tools, flips, by);

const value = () => props.value ?? { words: [], probabilities: [], flips: [] };
const whole = () => value().words.map(([piece]) => piece).join("");

const drawBar = () => {
  const { probabilities: p, threshold, label } = value();
  bar.setAttribute("aria-label", LABELS.map((name, i) => `${name} ${percent(p[i] ?? 0)}`).join(", "));
  bar.replaceChildren(...LABELS.map((name, i) => make("span", { class: name, style: `width:${100 * (p[i] ?? 0)}%`, title: `${name}: ${percent(p[i] ?? 0)}` },
    (p[i] ?? 0) > 0.16 ? `${SIGNS[name]} ${name}` : "")));
  key.replaceChildren(...LABELS.map((name, i) => make("span", { class: name === label ? "said" : null }, make("i", { class: `swatch ${name}` }),
    `${SIGNS[name]} ${name} ${percent(p[i] ?? 0)}`)), threshold ? make("span", {}, `it answers from ${Math.round(100 * threshold)} % on`) : "");
  drawThreshold();
};

/** How long the likeliest label's part must be for an answer: a tick that far from where this part begins. */
const drawThreshold = () => {
  const { probabilities: p, threshold, label } = value();
  const begins = LABELS.slice(0, LABELS.indexOf(label)).reduce((sum, _, i) => sum + p[i], 0);
  const at = label === "positive" ? 1 - threshold : begins + threshold;
  mark.hidden = !threshold || at >= 1;
  mark.style.left = `${100 * at}%`;
  mark.title = `From ${Math.round(100 * threshold)} % on it answers: ${label} has to reach this tick.`;
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
    make("span", {}, `${ends[1]} ${label}`)] : []));
  about.textContent = how ?? "";
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

const exported = () => ({ model: value().model, text: whole(), label: value().label, abstained: value().abstained,
  probabilities: Object.fromEntries(LABELS.map((name, i) => [name, value().probabilities[i]])), method: value().how,
  words: value().words.map(([piece, effect]) => ({ word: piece.trim(), effect })), flips: value().flips });
const title = () => `Sentiment, read by ${value().model}`;
tools.append(quiet("Its tokens and their probabilities", () => trigger("unfold", { text: whole() })), " ",
  quiet("Its attention", () => trigger("look", { text: whole() })), " ", saves({
    PNG: () => saveElementPng("opinion", picture, title(), sentence.textContent),
    SVG: () => saveElementSvg("opinion", picture, title(), sentence.textContent),
    CSV: () => saveCsv("opinion", [["word", "effect"], ...exported().words.map(({ word, effect }) => [word, effect])]),
    JSON: () => save("opinion.json", "application/json", JSON.stringify(exported(), null, 1)),
  }));

const draw = () => {
  root.classList.toggle("is-empty", value().probabilities.length === 0);
  sentence.textContent = value().sentence ?? "";
  because.replaceChildren(make("bdi", {}, value().because ?? ""));
  by.textContent = value().by ?? "";
  drawBar();
  drawText();
  drawFlips();
};
watch("value", draw);
draw();
