// Two engines side by side: a sentence, a table whose cells hold bars, and while it is measured how far it is.
const { make, saveCsv, quiet } = window.gpt2demo;
const root = element.querySelector(".engines");
const sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const doing = make("p", { class: "doing" });
const meter = make("progress", { max: "1", "aria-label": "How far the comparison is" });
const table = make("table", {});
const save = quiet("CSV", () => {
  const { columns, bars } = props.value;
  saveCsv("engines", [["measure", "unit", ...columns], ...bars.map((bar) => [bar.name, bar.unit, ...bar.values])]);
});
const foot = make("p", { class: "foot" }, make("span", {}, "Measured just now, on this machine, in turns: the middle one of three rounds."), save);
root.append(sentence, doing, meter, table, foot);

const cell = (bar, i, name) => make("td", {},
  make("span", { class: "bar", "data-engine": i, style: `width: ${(bar.shares[i] * 100).toFixed(1)}%` }),
  make("span", { class: "figure" }, `${bar.shown[i]} ${bar.unit}`), make("span", { class: "whose" }, name));

const draw = () => {
  const value = props.value ?? {};
  const columns = value.columns ?? [], bars = value.bars ?? [];
  sentence.textContent = value.sentence ?? "";
  doing.textContent = value.doing ?? "";
  meter.value = value.done ?? 0;
  meter.hidden = doing.hidden = !value.doing;
  table.hidden = !bars.length;
  foot.hidden = !bars.length || Boolean(value.doing);
  table.replaceChildren(
    make("caption", {}, "The same text, the same tokens, two engines"),
    make("thead", {}, make("tr", {}, make("td", {}), ...columns.map((name, i) => make("th", { scope: "col", "data-engine": i }, name)))),
    make("tbody", {}, ...bars.map((bar) => make("tr", {},
      make("th", { scope: "row" }, bar.name, make("small", {}, bar.better)), ...columns.map((name, i) => cell(bar, i, name))))));
};
watch("value", draw);
draw();
