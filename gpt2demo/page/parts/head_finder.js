// Every head's habits as a table to sort and filter, and a button for each famous kind of head.
const { make, percent, table, looking } = window.gpt2demo;
const root = element.querySelector(".head-finder");
const TEXTS = { text: "this text", sample: "the sample" };
const kinds = make("p", { class: "kinds" });
const texts = Object.entries(TEXTS).map(([of, label]) => make("button", { type: "button", role: "radio", class: "choice-of-view", "data-of": of,
  onclick: () => trigger("score", { ids: props.value.ids, model: props.value.model, of }) }, label));
const said = make("p", { class: "said", role: "status" });
const frame = make("div");
const glossary = make("dl", { class: "glossary" });
root.append(kinds, make("p", { class: "scored", role: "radiogroup", "aria-label": "Scores on which text" }, "Scores on ", ...texts), said, frame,
  make("details", {}, make("summary", {}, "What the columns mean"), glossary));

const open = (layer, head) => {
  const { ids, model } = props.value;
  looking.view = "raw";
  trigger("pick", { ids, model, layer, head, view: looking.view, words: looking.words });
  document.dispatchEvent(new Event("head-wanted"));
};

const draw = () => {
  const { rows, metrics, kinds: offered, of, said: sentence, acts_as: actsAs } = props.value ?? { rows: [] };
  root.classList.toggle("is-empty", !rows.length);
  if (!rows.length) return;
  const finder = table({
    caption: "All heads and their habits", file: `attention-heads${of === "sample" ? "-sample" : ""}`, filter: "filter: layer 5, head 3", most: 200,
    columns: [{ name: "layer" }, { name: "head" }, { name: "acts as", about: actsAs }, ...metrics.map(([name, unit, about]) =>
      ({ name: `${name}, ${unit}`, about, text: (value) => (unit === "%" ? percent(value) : value.toFixed(2)) }))],
    open: ([layer, head]) => { finder.choose((row) => row[0] === layer && row[1] === head); open(layer, head); },
  });
  finder.show(rows);
  kinds.replaceChildren("Show me ", ...offered.map(({ label, place, column, why }) => make("button", {
    type: "button", class: "kind", disabled: place === null, title: why || null,
    onclick: () => { finder.sort(column + 3, true); finder.choose((row) => row[0] === place[0] && row[1] === place[1]); open(...place); },
  }, label)));
  texts.forEach((node) => node.setAttribute("aria-checked", node.dataset.of === of ? "true" : "false"));
  said.textContent = sentence;
  frame.replaceChildren(finder.element);
  glossary.replaceChildren(make("dt", {}, "acts as"), make("dd", {}, actsAs), ...metrics.flatMap(([name, unit, about]) => [make("dt", {}, `${name}, ${unit}`), make("dd", {}, about)]));
};
watch("value", draw);
draw();
