// How fast and how large each engine is: a table whose cells hold bars, and a button that measures here and now.
const { make, savesOf, quiet } = window.gpt2demo;
const root = element.querySelector(".engine-bench");
const heading = make("h3", {}), sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const start = make("button", { type: "button", class: "switch", onclick: () => trigger("race", {}) }, "Measure here and now");
const stop = quiet("Cancel", () => trigger("halt", {}));
const doing = make("span", { class: "doing" });
const meter = make("progress", { max: "1", "aria-label": "How far the measuring is" });
const table = make("table", {});
const key = make("p", { class: "bench-key" }, make("span", { class: "swatch ours" }), "this demo", make("span", { class: "swatch" }), "other programs");
const picture = make("div", {}, table, key);
const where = make("p", { class: "where" });
const head = () => props.value.columns.map((column) => `${column.name}, ${column.unit}`);
const told = () => ({ title: heading.textContent, sentence: `${sentence.textContent} ${where.textContent}`,
  rows: [["engine", ...head()], ...props.value.rows.map((row) => [row.name, ...row.values])] });
const saves = savesOf("engine-bench", picture, told);
root.append(heading, sentence, picture, where, make("p", { class: "act" }, start, stop, doing), meter, saves);

const cell = (row, i, column) => make("td", {},
  make("span", { class: `bar${row.ours ? " ours" : ""}`, style: `width: ${(row.shares[i] * 100).toFixed(1)}%` }),
  make("span", { class: "figure" }, `${row.shown[i]} ${column.unit}`), make("span", { class: "whose" }, column.name));
const draw = () => {
  const value = props.value ?? {}, { rows = [], columns = [] } = value;
  heading.textContent = value.title;
  sentence.textContent = value.sentence;
  where.textContent = value.where;
  doing.textContent = value.doing;
  meter.hidden = stop.hidden = !value.doing;
  meter.value = value.done;
  start.hidden = !value.sentence; // until the tab has its figures
  start.disabled = Boolean(value.doing);
  start.textContent = value.own ? "Measure again" : "Measure here and now";
  picture.hidden = saves.hidden = !rows.length;
  key.hidden = rows.every((row) => row.ours);
  table.replaceChildren(
    make("caption", {}, value.title),
    make("thead", {}, make("tr", {}, make("td", {}), ...columns.map((column) => make("th", { scope: "col" }, column.name, make("small", {}, column.better))))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, make("th", { scope: "row" }, row.name), ...columns.map((column, i) => cell(row, i, column))))));
};
watch("value", draw);
draw();
