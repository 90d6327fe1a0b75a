// What made this token likely: attributions and attention over the same text, one below the other.
const { make, needsPyTorch, tokenText, effectColour, shareColour, depth, signed, percent, table, effectLegend, attentionLegend, savesOf, quiet, looking, asked, ofThisText } = window.gpt2demo;
const root = element.querySelector(".attribution-strip");
root.classList.add("deeper");
const start = make("button", { type: "button", class: "switch", onclick: () => {
  const [layer, head] = looking.place;
  trigger("explain", { ...asked(), layer, head });
} }, "Which tokens made it likely?");
const stop = quiet("Stop", () => trigger("halt", {}));
const sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const about = make("p", { class: "about" }), baseline = make("p", { class: "about" });
const lines = make("div", { class: "lines" });
const HEADS = () => ["position", "token", ...props.value.lines.map((line) => line.name)];
const list = () => props.value.texts.map((text, i) => [i, text, ...props.value.lines.map((line) => line.values[i])]);
const twin = make("details", { class: "twin", ontoggle: () => twin.open && fill() }, make("summary", {}, "The same as a table"));
const heading = make("h3", {}, "What made it likely");
const result = make("div", {}, about, lines, effectLegend("made it less likely", "made it likelier"), attentionLegend("Attention"), baseline,
  savesOf("attribution", lines, () => ({ title: "What made it likely", sentence: sentence.textContent, rows: [HEADS(), ...list()] })), twin);
root.append(make("p", {}, "For the token chosen above under “Does it matter?” (at first: what comes next). "), make("p", {}, needsPyTorch(start), " ", stop), heading, sentence, result);

const fill = () => {
  const rows = table({ caption: "Attribution and attention", file: "attribution", most: 30, columns: HEADS().map((name) => ({ name })) });
  rows.show(list());
  twin.replaceChildren(twin.firstChild, rows.element);
};
const strip = ({ name, kind, about: says, values }, texts) => {
  const most = Math.max(...values.map(Math.abs), 1e-9);
  const look = (value) => (kind === "effect" ? effectColour(value / most) : shareColour(depth(value)));
  const number = (value) => (kind === "effect" ? `${signed(value, 3)} nats` : percent(value));
  return make("div", { class: "line" }, make("p", {}, make("b", {}, name), ` ${says}`), make("p", { class: "tokens" }, ...texts.map((text, i) =>
    make("span", { class: `token${Math.abs(kind === "effect" ? values[i] / most : depth(values[i])) > 0.6 ? " deep" : ""}`, style: `background:${look(values[i])}`,
      title: `${number(values[i])}`, tabindex: "0", "aria-label": `${text.trim()}: ${number(values[i])}` }, ...tokenText(text)))));
};
const draw = () => {
  const { ids, texts, lines: ways, finished, sentence: said, about: warning, baseline: compared } = props.value ?? { ids: [] };
  const empty = !ids.length || !ofThisText(ids); // an answer about a text that has gone
  result.hidden = heading.hidden = sentence.hidden = empty;
  stop.hidden = empty || finished;
  if (empty) return;
  sentence.textContent = said;
  about.textContent = warning;
  baseline.textContent = compared;
  lines.replaceChildren(...ways.map((way) => strip(way, texts)));
  if (twin.open) fill();
};
document.addEventListener("text-looked", () => {
  if (!stop.hidden) trigger("halt", {});
  draw();
});
watch("value", draw);
draw();
