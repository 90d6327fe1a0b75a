// The logit lens: what the model would say after each layer, at each position. A click lists what else.
const { make, percent, cells, twinOf, shareColour, savesOf, following, looking } = window.gpt2demo;
const root = element.querySelector(".lens-grid");
root.classList.add("deeper");
const sentence = make("p", { class: "sentence", role: "status" });
const about = make("p", {}, "A column is a token of the text, a row is a layer: each cell shows the next token that the model would say if it ended there. Click one for the whole list.");
const grid = cells({ caption: "What each layer would say next", corner: "", open: (r, c) => {
  const { ids, model } = looking;
  grid.choose(r, c);
  trigger("pick", { ids, model, layer: r, position: c, ranks: props.value.rank.map((row) => row[c]) });
} });
const legend = make("p", { class: "scale-key" }, make("span", {}, "unsure, 0 %"), make("span", { class: "scale-ramp", role: "img", "aria-label": "from unsure, pale, to sure, deep blue" }), make("span", {}, "sure, 100 %"));
const list = () => {
  const { rows, texts, top, probability, rank } = props.value;
  return rows.flatMap((row, r) => texts.map((text, c) => [row, c, text, top[r][c], 100 * probability[r][c], rank[r][c]]));
};
const HEADS = ["layer", "position", "token", "would say", "probability in %", "rank of the final answer"];
const twin = twinOf({ caption: "What each layer would say", file: "logit-lens", filter: "filter: layer 3, would say the",
  columns: HEADS.map((name, i) => (i === 4 ? { name, text: (value) => value.toFixed(2) } : { name })) }, list);
root.append(make("h3", {}, "What each layer would say next (logit lens)"), sentence, about, grid.element, legend,
  savesOf("logit-lens", grid.element.firstChild, () => ({ title: "Logit lens", sentence: sentence.textContent, rows: [HEADS, ...list()] })), twin.element);

const draw = () => {
  const { ids, texts, rows, top, probability, rank, sentence: said } = props.value ?? { ids: [] };
  const waiting = !ids.length || JSON.stringify(ids) !== JSON.stringify(looking.ids); // for the lens of a new text
  root.classList.toggle("is-waiting", waiting);
  if (waiting) { sentence.textContent = (!ids.length && said) || "Reading layer by layer …"; return; }
  sentence.textContent = said;
  grid.show({ rows, columns: texts, wide: true, cell: (r, c) => ({
    text: top[r][c], colour: shareColour(probability[r][c]), deep: probability[r][c] > 0.55,
    title: `${rows[r]}, after “${texts[c].trim()}”: “${top[r][c]}” ${percent(probability[r][c])}; the final answer is number ${rank[r][c].toLocaleString("en")} here`,
  }) });
  grid.element.scrollLeft = grid.element.scrollWidth;
  twin.fresh();
};
following(root, () => props.value?.ids, () => trigger("wake", { ids: looking.ids, model: looking.model }));
document.addEventListener("text-looked", draw);
watch("value", draw);
draw();
