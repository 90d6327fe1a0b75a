// One cell of the logit lens: the list of what the model would say there, and the climb of the final answer.
const { make, percent, tokenText, shareColour } = window.gpt2demo;
const root = element.querySelector(".lens-cell");
root.classList.add("deeper", "side-by-side");

const list = ({ rows }) => {
  const full = Math.max(...rows.map(([, p]) => p), 1e-9);
  return make("ol", { class: "before-after-bars" }, ...rows.map(([text, p]) => make("li", {}, make("span", { class: "label" }, ...tokenText(text)),
    make("span", { class: "bar" }, make("span", { class: "after", style: `width:${(100 * p) / full}%;background:${shareColour(1)}` })),
    make("span", { class: "numbers" }, percent(p)))));
};
const climb = ({ names, ranks, layer }) => make("ol", { class: "before-after-bars climb" }, ...names.map((name, i) =>
  make("li", { class: i === layer ? "target" : null }, make("span", {}, name),
    make("span", { class: "bar" }, make("span", { class: "after", style: `width:${Math.max(1, 100 * (1 - Math.log10(ranks[i]) / 5))}%;background:${shareColour(ranks[i] === 1 ? 1 : 0.45)}` })),
    make("span", { class: "numbers" }, `rank ${ranks[i].toLocaleString("en")}`))));
const draw = () => {
  const value = props.value ?? { rows: [] };
  root.replaceChildren(...(value.rows.length ? [make("div", {}, make("p", {}, value.sentence), list(value)),
    make("div", {}, make("p", {}, "Where the model's final answer stands in each layer's list (longer is nearer to first):"), climb(value))] : []));
};
watch("value", draw);
draw();
