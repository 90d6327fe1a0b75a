// The next token's chances before and after a change, alone.
const { make, beforeAfter } = window.gpt2demo;
const root = element.querySelector(".before-after");
root.classList.add("deeper");
const draw = () => {
  const { rows, sentence } = props.value ?? { rows: [] };
  root.replaceChildren(...(rows.length ? [make("p", { class: "sentence", role: "status" }, sentence), beforeAfter(rows)] : []));
};
watch("value", draw);
draw();
