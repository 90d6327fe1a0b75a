// Which model runs, and on what: two lists of choices, one button, and while an engine is made ready how far it is.
const { make } = window.gpt2demo;
const root = element.querySelector(".engine-choice");
const picked = { model: "", backend: "" };
const lists = { model: make("div", { class: "list" }), backend: make("div", { class: "list" }) };
const use = make("button", { type: "button", class: "switch", onclick: () => trigger("use", { ...picked }) }, "Use this engine");
const doing = make("span", { class: "doing", role: "status", "aria-live": "polite" });
const meter = make("progress", { max: "1", "aria-label": "How far the engine is" });
const group = (kind, legend) => make("fieldset", {}, make("legend", {}, legend), lists[kind]);
root.append(make("h3", {}, "What runs"), make("div", { class: "lists" }, group("model", "Model"), group("backend", "Run by")),
  make("p", { class: "act" }, use, doing), meter);

const option = (kind, { name, title, sentence, why }) => make("label", { class: why ? "is-out" : null },
  make("input", { type: "radio", name: `engine-${kind}`, value: name, checked: name === picked[kind], disabled: Boolean(why), onchange: () => { picked[kind] = name; ready(); } }),
  make("span", {}, make("b", {}, title), make("em", {}, why ? ` not here: ${why}` : name === props.value[kind] ? " runs now" : ""), make("small", {}, sentence)));

const ready = () => {
  const { model, backend, busy } = props.value;
  use.disabled = busy || (picked.model === model && picked.backend === backend);
};
const draw = () => {
  const value = props.value ?? { models: [], backends: [] };
  root.hidden = !value.models.length;
  if (root.hidden) return;
  if (!value.busy) Object.assign(picked, { model: value.model, backend: value.backend });
  lists.model.replaceChildren(...value.models.map((one) => option("model", one)));
  lists.backend.replaceChildren(...value.backends.map((one) => option("backend", one)));
  for (const input of root.querySelectorAll("input")) input.disabled ||= value.busy;
  doing.textContent = value.doing;
  meter.hidden = !value.busy;
  meter.value = value.done;
  ready();
};
watch("value", draw);
draw();
