// What else a token could have been: one bar a candidate with three marks, one for each stage of the sampler.
const { make, percent, column, tokenText } = window.gpt2demo;
const root = element.querySelector(".probability-bars");
const STAGES = ["raw: what the model thinks", "after penalties and temperature", "after the cut: what is drawn from"];

const close = make("button", { type: "button", class: "close", "aria-label": "Close" }, "Close");
const sheet = () => root.closest(".sheet"); // on a phone the column around the panel is a sheet over the lower part
close.onclick = () => sheet()?.classList.remove("open");
const heading = make("p", { class: "context" });
const sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const effect = make("p", { class: "effect" });
const key = make("p", { class: "stages" }, ...["raw", "tempered", "cut"].map((name, i) =>
  make("span", {}, make("b", { class: `swatch ${name}` }), STAGES[i])));
const columns = make("p", { class: "columns", "aria-hidden": "true" }, ...["in %:", "raw", "temp.", "cut"].map((name) => make("span", {}, name)));
const list = make("ol", { class: "choices" });
const foot = make("p", { class: "foot" });
root.append(close, heading, sentence, effect, key, columns, list, foot);

const bar = (stages, full) => {
  const width = (p) => `width:${((100 * p) / full).toFixed(3)}%`;
  return make("span", { class: "bar" }, ...["tempered", "raw", "cut"].map((name) =>
    make("span", { class: `level ${name}`, style: width(stages[{ raw: 0, tempered: 1, cut: 2 }[name]]) })));
};
const numbers = (stages) => make("span", { class: "numbers" }, ...stages.map((p, i) =>
  make("span", { title: `${STAGES[i]}: ${p * 100} %` }, column(p))));

const choice = (row, full) => {
  const names = ["choice", row.chosen ? "chosen" : "", row.stages[2] === 0 ? "is-cut" : ""].join(" ").trim();
  const says = `${row.text}, ${STAGES.map((stage, i) => `${stage} ${percent(row.stages[i])}`).join(", ")}`;
  const label = row.chosen ? "Stands in the text" : "Take this way";
  return make("li", {}, make("button", { type: "button", class: names, "data-id": row.id, "aria-label": `${label}: ${says}`,
    title: row.chosen ? "this token stands in the text" : "click: take this way" },
    make("span", { class: "rank" }, row.rank.toLocaleString("en")),
    make("span", { class: "label" }, ...tokenText(row.text)), bar(row.stages, full), numbers(row.stages)));
};

const others = (rest, full) => make("li", { class: "rest" },
  make("span", { class: "label" }, `all others (${rest.count.toLocaleString("en")})`), bar(rest.stages, full), numbers(rest.stages));

const draw = () => {
  const value = props.value ?? { rows: [] };
  const rows = value.rows ?? [];
  root.classList.toggle("is-empty", rows.length === 0);
  heading.replaceChildren(...(rows.length ? ["after ", make("q", {}, make("bdi", {}, `…${value.context}`))] : []));
  sentence.replaceChildren(make("bdi", {}, value.sentence ?? ""));
  effect.textContent = value.effect ?? "";
  const all = rows.length ? [...rows.map((row) => row.stages), value.rest.stages] : [[1]];
  const full = Math.max(...all.flat(), 1e-9);
  list.replaceChildren(...rows.map((row) => choice(row, full)), ...(rows.length ? [others(value.rest, full)] : []));
  foot.textContent = rows.length
    ? `Entropy ${value.entropy.toFixed(2)} bits. Click a token to take that way; keys 1 to 9 do the same from the text.` : "";
};
list.addEventListener("click", (event) => {
  const node = event.target.closest(".choice");
  if (node && !node.classList.contains("chosen")) trigger("take", { id: Number(node.dataset.id) });
});
document.addEventListener("token-opened", () => sheet()?.classList.add("open"));
document.addEventListener("choice-wanted", (event) => list.querySelectorAll(".choice")[event.detail - 1]?.click());
watch("value", draw);
draw();
