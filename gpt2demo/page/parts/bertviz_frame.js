// BertViz in a frame of its own, which may run its script and reach nothing else.
const { make, needsPyTorch, save, quiet, following, looking } = window.gpt2demo;
const root = element.querySelector(".bertviz-frame");
root.classList.add("deeper");
const VIEWS = { head: "Head view: lines between tokens", model: "Model view: many heads at once", neuron: "Neuron view: query times key" };
let view = "head";
const ask = () => {
  sentence.textContent = "Drawing …";
  trigger("wake", { ids: looking.ids, model: looking.model, view, layer: looking.place[0], head: looking.place[1] });
};
const views = Object.entries(VIEWS).map(([name, label]) => make("button", { type: "button", role: "radio", class: "choice-of-view", "data-view": name,
  onclick: () => { view = name; mark(); ask(); } }, label));
const mark = () => views.forEach((node) => node.setAttribute("aria-checked", node.dataset.view === view ? "true" : "false"));
const sentence = make("p", { class: "sentence", role: "status" }, "Drawing …");
const about = make("p", {}, "Each head has a colour, and the stronger the line, the more attention; a click on a coloured box shows or hides its head. The same numbers stand in the table of each head above.");
const frame = make("iframe", { title: "BertViz", sandbox: "allow-scripts", loading: "lazy" });
const address = () => new URL(`kept/${props.value.key}.html`, document.baseURI).href;
const link = make("a", { target: "_blank", rel: "noopener", class: "quiet" }, "Open in a new tab");
const file = quiet("Save as one HTML file", async () => {
  const answer = await fetch(address());
  if (answer.ok) save(`bertviz-${props.value.view}.html`, "text/html", await answer.blob());
  else sentence.textContent = "This document is no longer kept. Choose a view to draw it again.";
});
const tools = make("p", { class: "tools" }, link, " ", file);
root.append(make("p", { class: "views", role: "radiogroup", "aria-label": "Which view" },
  ...views.map((button) => (button.dataset.view === "neuron" ? needsPyTorch(button) : button))), sentence, about, frame, tools);

const draw = () => {
  const { key, sentence: said, view: shown } = props.value ?? { key: "" };
  frame.hidden = tools.hidden = !key;
  mark();
  if (shown !== view) return; // an answer to an earlier wish
  if (said) sentence.textContent = said;
  if (!key) return;
  frame.src = address();
  link.href = address();
};
following(root, () => props.value?.ids, ask);
watch("value", draw);
draw();
