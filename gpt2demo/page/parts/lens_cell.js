// One cell of the logit lens: the list of what the model would say there, and the climb of the final answer.
const { make, percent, tokenText, shareColour, savesOf, twinOf } = window.gpt2demo;
const root = element.querySelector(".lens-cell");
root.classList.add("deeper", "side-by-side");

const bars = (names) => make("ol", { class: `before-after-bars ${names}` });
const row = (label, share, deep, says, marked) => make("li", { class: marked ? "target" : null }, label,
  make("span", { class: "bar" }, make("span", { class: "after", style: `width:${100 * share}%;background:${shareColour(deep ? 1 : 0.45)}` })),
  make("span", { class: "numbers" }, says));

/** A picture of bars: title, sentence, bars, legend, what saves it, and the same as a table. */
const picture = ({ title, file, columns, classes = "", legend }, list) => {
  const sentence = make("p", { role: "status" }), drawn = bars(classes);
  const rows = () => (props.value?.rows.length ? list() : []);
  const told = () => ({ title, sentence: sentence.textContent, rows: [columns, ...rows()] });
  const twin = twinOf({ caption: title, file, columns: columns.map((name) => ({ name })) }, rows);
  return { sentence, drawn, twin, element: make("div", {}, make("h3", {}, title), sentence, drawn, make("p", { class: "scale-key" }, legend), savesOf(file, drawn, told), twin.element) };
};
const list = picture({ title: "What it would say there", file: "lens-cell", columns: ["token", "probability"], legend: "The longer the bar, the likelier; the likeliest fills the whole width." },
  () => props.value.rows);
const climb = picture({ title: "The climb of the final answer", file: "lens-climb", columns: ["layer", "rank"], classes: "climb",
  legend: "No bar: far down the list. A full one, in deep blue: the first choice." },
() => props.value.names.map((name, i) => [name, props.value.ranks[i]]));
root.append(list.element, climb.element);

const draw = () => {
  const { rows, names, ranks, layer, sentence, climbs } = props.value ?? { rows: [] };
  root.hidden = !rows.length;
  if (!rows.length) return;
  const full = Math.max(...rows.map(([, p]) => p), 1e-9);
  list.sentence.textContent = sentence;
  list.drawn.replaceChildren(...rows.map(([text, p]) => row(make("span", { class: "label" }, ...tokenText(text)), p / full, true, percent(p))));
  climb.sentence.textContent = climbs;
  climb.drawn.replaceChildren(...names.map((name, i) =>
    row(make("span", {}, name), Math.max(0.01, 1 - Math.log10(ranks[i]) / 5), ranks[i] === 1, `rank ${ranks[i].toLocaleString("en")}`, i === layer)));
  list.twin.fresh();
  climb.twin.fresh();
};
document.addEventListener("text-looked", () => { root.hidden = true; }); // its text has gone
watch("value", draw);
draw();
