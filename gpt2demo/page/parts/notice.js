// One sentence to the visitor, beside the control that it is about.
const { make } = window.gpt2demo;
const root = element.querySelector(".notice");
root.setAttribute("role", "status");
root.setAttribute("aria-live", "polite");

const draw = () => {
  const { kind, sentences } = props.value ?? {};
  root.dataset.kind = kind ?? "";
  root.replaceChildren(...(sentences ?? []).map((sentence) => make("p", {}, sentence)));
};
watch("value", draw);
draw();
