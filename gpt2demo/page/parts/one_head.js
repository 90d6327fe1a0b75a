// One head in detail: a sentence, the text with lines of ink, the matrix with its numbers, and three ways to see the rest.
const { make, needsPyTorch, percent, redrawing, attentionLegend, saves, saveCsv, savePng, saveSvg, saveElementPng, saveElementSvg, table, matrix, ink, looking } = window.gpt2demo;
const root = element.querySelector(".one-head");
const VIEWS = {
  raw: ["As it is", "the weights as the model computed them"],
  hidden: ["Without the first token", "the first token left out, each row scaled back to 100 %"],
  value: ["By what it carries", "each weight times the length of what it brings back, each row scaled to 100 %"],
};

let pinned = null, weights = null;
const sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const sink = make("p", { class: "sink" });
const views = Object.entries(VIEWS).map(([name, [label, about]]) =>
  make("button", { type: "button", role: "radio", class: "choice-of-view", "data-view": name, title: about, onclick: () => again({ view: name }) }, label));
const words = make("input", { type: "checkbox", onchange: () => again({ words: words.checked }) });
const controls = make("p", { class: "controls" },
  make("span", { class: "views", role: "radiogroup", "aria-label": "How to see the first token" },
    ...views.map((button) => (button.dataset.view === "value" ? needsPyTorch(button) : button))),
  make("label", {}, words, "words, not tokens"));
const says = make("p", { class: "says", role: "status", "aria-live": "polite" });
const point = (i, j) => {
  text.mark(i);
  picture.mark(i, j);
  const { pieces } = props.value;
  says.textContent = j === null || j === undefined ? text.sentence(i)
    : `“${pieces[i].trim()}” looks at “${pieces[j].trim()}”: ${percent(at(i, j))} of its attention.`;
};
const leave = () => {
  text.mark(pinned);
  picture.mark(pinned);
  says.textContent = pinned === null ? "Point at a token: what it looks at, and who looks at it. Click to keep it." : text.sentence(pinned);
};
const pin = (i) => {
  pinned = i === pinned ? null : i;
  text.press(pinned);
  leave();
};
const text = ink({ point, leave, pin });
const picture = matrix({ point, leave, pin });
const inkKey = make("p", { class: "ink-key" }, make("span", { class: "key-looks" }, "it looks at"), make("span", { class: "key-looked" }, "it is looked at by"),
  make("span", {}, "the wider the line, the more"));
const rows = table({ caption: "Who looks at whom", file: "attention-head", filter: "filter: a word, or a distance", most: 30, columns: [
  { name: "token" }, { name: "position" }, { name: "looks at" }, { name: "at position" }, { name: "tokens back" },
  { name: "weight in %", text: (value) => value.toFixed(3) }] });
const twin = make("details", { class: "twin", ontoggle: () => twin.open && fill() }, make("summary", {}, "The same as a table"), rows.element);
const named = () => `layer-${props.value.layer}-head-${props.value.head}`;
const title = () => `Layer ${props.value.layer}, head ${props.value.head}: ${VIEWS[props.value.view][0].toLowerCase()}`;
root.append(make("h3", {}, "One head, close up"), sentence, sink, controls, says, text.element, inkKey,
  make("p", {}, saves({ PNG: () => saveElementPng(`${named()}-text`, text.element, title(), sentence.textContent), SVG: () => saveElementSvg(`${named()}-text`, text.element, title(), sentence.textContent) }, "Save the lines as")),
  picture.element, attentionLegend("Share of its attention"),
  saves({ PNG: () => savePng(named(), picture.canvas), SVG: () => saveSvg(named(), picture.canvas, title(), sentence.textContent), CSV: () => saveCsv(named(), [["token", "position", "looks at", "at position", "tokens back", "weight in %"], ...pairs()]) }, "Save the matrix as"), twin);

const at = (i, j) => weights[(i * (i + 1)) / 2 + j];
const pairs = () => {
  const { pieces } = props.value;
  return pieces.flatMap((piece, i) => Array.from({ length: i + 1 }, (_, j) => [piece, i, pieces[j], j, i - j, 100 * at(i, j)]));
};
const fill = () => { rows.show(pairs()); rows.sort(5, true); };

const again = (change) => {
  Object.assign(looking, change);
  const { ids, model, layer, head } = props.value;
  trigger("pick", { ids, model, layer, head, view: looking.view, words: looking.words });
};

const paint = () => {
  const { n, pieces } = props.value ?? {};
  if (!n || !weights) return;
  picture.show({ n, at, pieces }, root.clientWidth);
  leave();
};
const draw = () => {
  const value = props.value ?? {};
  root.classList.toggle("is-empty", !value.n);
  if (!value.n) return;
  const raw = Uint8Array.from(atob(value.weights), (character) => character.charCodeAt(0));
  weights = new Float32Array(raw.buffer);
  pinned = null;
  Object.assign(looking, { view: value.view, words: value.words, place: [value.layer, value.head] });
  document.dispatchEvent(new Event("head-opened"));
  sentence.textContent = value.sentence;
  sink.textContent = value.sink;
  views.forEach((node) => node.setAttribute("aria-checked", node.dataset.view === value.view ? "true" : "false"));
  words.checked = value.words;
  text.show({ n: value.n, at, pieces: value.pieces }, pinned);
  paint();
  if (twin.open) fill();
  root.dataset.drawn = `${value.layer}.${value.head}.${value.view}`;
};
document.addEventListener("head-wanted", () => { if (window.innerWidth < 720) root.scrollIntoView({ behavior: "smooth" }); });
redrawing(root, paint);
watch("value", draw);
draw();
