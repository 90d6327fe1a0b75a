// Does it matter? Switches for heads and layers, and the next token's chances before and after.
const { make, needsPyTorch, tokenText, beforeAfter, beforeAfterKey, beforeAfterTwin, savesOf, quiet, looking, asked, switched } = window.gpt2demo;
const root = element.querySelector(".effect-bars");
const sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const one = make("button", { type: "button", class: "switch", onclick: () => ask(switched(looking.place)) });
const layer = make("button", { type: "button", class: "switch", onclick: () => {
  const at = looking.place[0], { mlps } = looking;
  ask(asked({ mlps: mlps.includes(at) ? mlps.filter((other) => other !== at) : [...mlps, at] }));
} });
const restore = quiet("Switch everything back on", () => ask(asked({ heads: [], mlps: [] })));
const words = make("div", { class: "targets", role: "radiogroup", "aria-label": "Which token the model has to find" });
const bars = make("div", { class: "bars" });
const twin = beforeAfterTwin("before-after", () => props.value.rows);
const told = () => ({ title: "Does it matter? Before and after", sentence: sentence.textContent, rows: twin.all() });
const result = make("div", {}, bars, beforeAfterKey(), savesOf("before-after", bars, told), twin.element);
root.append(make("h3", {}, "Does it matter?"), sentence, make("p", { class: "switches" }, needsPyTorch(one), needsPyTorch(layer), restore),
  make("p", { class: "ask" }, "The token to find:"), words, result);

/** Leave the target as it is unless another is asked for. */
const ask = (question) => trigger("switch", question);
const target = (i, text, position) => make("button", { type: "button", role: "radio", class: "target", "data-position": i, tabindex: i === position ? "0" : "-1",
  "aria-checked": i === position ? "true" : "false" }, ...text);
words.onclick = (event) => {
  const node = event.target.closest(".target");
  if (node) ask(asked({ position: Number(node.dataset.position) }));
};
words.onkeydown = (event) => {
  const step = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[event.key];
  const next = step && event.target[step];
  if (!next) return;
  event.preventDefault();
  next.tabIndex = 0;
  next.focus();
};

const label = () => {
  if (!looking.place) return;
  const [at, head] = looking.place;
  const isOff = looking.off.some((place) => place[0] === at && place[1] === head);
  one.textContent = `Switch layer ${at}, head ${head} ${isOff ? "on again" : "off"}`;
  layer.textContent = `Switch all of layer ${at} ${looking.mlps.includes(at) ? "on again" : "off"}`;
};
const draw = () => {
  const { ids, texts, rows, heads, mlps, position, sentence: said } = props.value ?? { ids: [] };
  root.classList.toggle("is-empty", !ids.length);
  if (!ids.length) return;
  Object.assign(looking, { off: heads, mlps, position });
  document.dispatchEvent(new Event("heads-switched"));
  sentence.textContent = said;
  restore.hidden = !heads.length && !mlps.length;
  words.replaceChildren(...texts.slice(1).map((text, i) => target(i + 1, tokenText(text), position)),
    target(ids.length, ["what comes next"], position));
  result.hidden = !rows.length;
  bars.replaceChildren(beforeAfter(rows));
  twin.fresh();
  label();
};
document.addEventListener("head-opened", label);
watch("value", draw);
draw();
