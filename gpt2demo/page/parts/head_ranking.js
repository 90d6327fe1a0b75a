// Which heads matter most for a token: a map of all heads that fills while each is switched off in turn, and a table.
const { make, needsPyTorch, cells, table, effectColour, effectLegend, signed, savesOf, quiet, looking, asked, ofThisText } = window.gpt2demo;
const root = element.querySelector(".head-ranking");
root.classList.add("deeper");
const start = make("button", { type: "button", class: "switch", onclick: () => trigger("rank", asked()) }, "Which heads matter most for this token?");
const stop = quiet("Stop", () => trigger("halt", {}));
const sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const bar = make("progress", { max: "1", "aria-label": "Heads done" });
const open = (layer, head) => trigger("pick", { ids: looking.ids, model: looking.model, layer, head, view: looking.view, words: looking.words });
const grid = cells({ caption: "The change for each head", corner: "layer, head", open });
const rows = table({ caption: "Heads by their effect", file: "heads-that-matter", filter: "filter: layer 5, head 3", most: 12,
  columns: [{ name: "layer" }, { name: "head" }, { name: "change of log-probability, nats", text: (value) => signed(value, 3) }],
  open: ([layer, head]) => open(layer, head) });
const told = () => ({ title: "What each head does for the token", sentence: sentence.textContent, rows: [["layer", "head", "change in nats"], ...props.value.rows] });
const result = make("div", { class: "side-by-side" }, make("div", {}, make("h3", {}, "What each head does for the token"), grid.element, effectLegend("without it less likely", "without it likelier"),
  savesOf("heads-that-matter", grid.element, told)), rows.element);
root.append(make("p", {}, needsPyTorch(start), " ", stop), bar, sentence, result);

const draw = () => {
  const { rows: found, layers, heads, done, finished, sentence: said, ids } = props.value ?? { ids: [] };
  const empty = !ids?.length || !ofThisText(ids); // an answer about a text that has gone
  result.hidden = sentence.hidden = empty || !found.length;
  stop.hidden = bar.hidden = empty || finished;
  if (empty) return;
  sentence.hidden = false;
  bar.value = done;
  sentence.textContent = said;
  const change = new Map(found.map(([layer, head, value]) => [`${layer}.${head}`, value]));
  const most = Math.max(...found.map(([, , value]) => Math.abs(value)), 1e-9);
  const count = (n) => Array.from({ length: n }, (_, i) => i);
  grid.show({ rows: count(layers), columns: count(heads), cell: (r, c) => {
    const value = change.get(`${r}.${c}`);
    return value === undefined ? { title: `layer ${r}, head ${c}: not yet done`, off: true }
      : { colour: effectColour(value / most), title: `layer ${r}, head ${c}: ${signed(value, 3)} nats` };
  } });
  rows.show(found);
};
document.addEventListener("text-looked", () => {
  if (!stop.hidden) trigger("halt", {});
  draw();
});
watch("value", draw);
draw();
