// Two texts: a map of what moves the answer when one token's stream is taken from the other text.
const { make, cells, effectColour, effectLegend, signed, savesOf, twinOf, quiet } = window.gpt2demo;
const root = element.querySelector(".patch-map");
root.classList.add("deeper");
const sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const bar = make("progress", { max: "1", "aria-label": "Patches done" });
const grid = cells({ caption: "The effect of each patch", corner: "", open: (layer, position) => {
  const { ids, other, model } = props.value;
  grid.choose(layer, position);
  trigger("pick", { ids, other, model, layer, position });
} });
const HEADS = ["layer", "position", "token", "change of log-probability, nats"];
const list = () => props.value.moved.flatMap((row, r) => row.map((value, c) => [r, c, props.value.columns[c], value])).filter(([r, c, , value]) => props.value.possible[r][c] && value !== null);
const told = () => ({ title: "What a patch moves", sentence: sentence.textContent, rows: [HEADS, ...list()] });
const twin = twinOf({ caption: "What a patch moves", file: "patching", filter: "filter: layer 3, token woman",
  columns: HEADS.map((name, i) => (i === 3 ? { name, text: (value) => signed(value, 3) } : { name })) }, list);
root.append(make("h3", {}, "What a patch moves"), sentence, bar, make("p", { class: "about" }, "Rows are layers, columns are tokens; a column with an arrow is where the texts differ. A cell takes the stream that enters its layer there from the second text. Hatched cells cannot have an effect. Click one for the whole answer."),
  grid.element, effectLegend("the answer less likely", "likelier"), make("p", {}, quiet("Stop", () => trigger("halt", {})), " ", savesOf("patching", grid.element.firstChild, told)), twin.element);
const stop = root.querySelector(".quiet");

const draw = () => {
  const { ids, columns, moved, possible, done, finished, sentence: said } = props.value ?? { ids: [] };
  root.classList.toggle("is-empty", !ids.length);
  if (!ids.length) return;
  sentence.textContent = said;
  bar.value = done;
  bar.hidden = stop.hidden = finished;
  twin.fresh();
  const most = Math.max(...moved.flat().map((value) => Math.abs(value ?? 0)), 1e-9);
  grid.show({ rows: moved.map((_, r) => `layer ${r}`), columns, cell: (r, c) => {
    const value = moved[r][c];
    const where = `layer ${r}, “${columns[c].trim()}”`;
    if (!possible[r][c]) return { off: true, title: `${where}: the texts do not differ here` };
    return value === null ? { title: `${where}: not yet done` } : { colour: effectColour(value / most), title: `${where}: ${signed(value)} nats` };
  } });
};
watch("value", draw);
draw();
