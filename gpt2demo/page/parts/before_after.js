// The next token's chances before and after a change, alone.
const { make, beforeAfter, beforeAfterKey, beforeAfterTwin, savesOf } = window.gpt2demo;
const root = element.querySelector(".before-after");
root.classList.add("deeper");
const TITLE = "Before and after the patch";
const sentence = make("p", { class: "sentence", role: "status" }), bars = make("div");
const twin = beforeAfterTwin("patch", () => props.value.rows);
root.append(make("h3", {}, TITLE), sentence, bars, beforeAfterKey(),
  savesOf("patch", bars, () => ({ title: TITLE, sentence: sentence.textContent, rows: twin.all() })), twin.element);
const draw = () => {
  const { rows, sentence: said } = props.value ?? { rows: [] };
  root.hidden = !rows.length;
  if (!rows.length) return;
  sentence.textContent = said;
  bars.replaceChildren(beforeAfter(rows));
  twin.fresh();
};
watch("value", draw);
draw();
