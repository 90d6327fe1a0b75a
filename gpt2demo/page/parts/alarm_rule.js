// How an alarm is decided: the rule in words, the same headlines in other windows, and what the test can see.
const { make } = window.gpt2demo;
const root = element.querySelector(".alarm-rule");
const words = make("div", {});
const lengths = make("div", { class: "one" });
const power = make("div", { class: "one" });
const folded = make("details", {}, make("summary", {}, "How an alarm is decided, and what it can miss"), words,
  make("div", { class: "tables" }, lengths, power));
root.append(folded);

const grid = (caption, heads, rows) => make("table", {}, make("caption", {}, caption),
  make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
  make("tbody", {}, ...rows.map(([chosen, ...cells]) => make("tr", { class: chosen ? "chosen" : null }, ...cells.map((cell) => make("td", {}, String(cell)))))));

const draw = () => {
  const { sentences = [], lengths: others = [], power: sizes = [], usual } = props.value ?? {};
  folded.hidden = !sentences.length;
  if (!sentences.length) return;
  words.replaceChildren(...sentences.map((sentence) => make("p", {}, sentence)));
  lengths.replaceChildren(grid("The same headlines in other windows", ["a window is", "windows", "tested", "alarms"],
    others.map(([name, chosen, many, tested, alarms]) => [chosen, name, many.toLocaleString("en"), tested.toLocaleString("en"), alarms])),
  make("p", {}, "Short windows hold few headlines: only a burst of bad news can raise an alarm in them. Long windows also notice when the usual number of headlines turns bad."));
  power.replaceChildren(grid(`What the test can see, with ${usual} negative`, ["headlines in a window", "alarm from", "noticed if 2 of 3 are negative", "if 9 of 10 are"],
    sizes.map(([size, least, ...chances]) => [false, size, least === null ? "never" : `${least} negative`, ...chances.map((chance) => `${Math.round(100 * chance)} %`)])));
};
watch("value", draw);
draw();
