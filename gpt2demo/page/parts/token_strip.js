// A text as tokens: each a button, tinted by how sure the model was. A click opens it in the panel.
const { make, percent, tokenText, save, saveCsv, steps } = window.gpt2demo;
const root = element.querySelector(".token-strip");
const leads = Boolean(element.closest("#strip")); // the first of two texts: the one that Back and Forward go by

/** @typedef {[number, string, string, string, number|null, number|null, number|null, number=, number=]} Token id, text, hex, by, p, rank, bits;
 *  for one that was drawn also p after penalties and temperature, and p after the cut */
const ID = 0, TEXT = 1, HEX = 2, BY = 3, P = 4, RANK = 5, BITS = 6, TEMPERED = 7, CUT = 8;
const SCALES = {
  probability: { ends: ["surprised", "certain"], says: "how likely the model thought this token", share: (t) => t[P] },
  rank: { ends: ["far down its list", "its first choice"], says: "where the token stood in the model's list",
    share: (t) => Math.max(0, 1 - Math.log10(t[RANK]) / 4) },
  entropy: { ends: ["anything could follow", "sure what follows"], says: "how sure the model was before it wrote",
    share: (t) => Math.max(0, 1 - t[BITS] / 10) },
};
let scale = "probability";
let selected = -1;
let drawn = [];
let left = null; // the branch from which Back or Forward is on its way to another: it may still have something to show

const title = make("p", { class: "title" });
const words = make("div", { class: "words", role: "group", "aria-label": "The text, token by token" });
const picker = make("div", { class: "scales", role: "radiogroup", "aria-label": "Colour by" });
const legend = make("p", { class: "legend" });
const turns = make("div", { class: "branches", role: "group", "aria-label": "Branches" });
const link = make("button", { type: "button", class: "quiet" }, "Copy link");
const linkText = make("input", { class: "link-text", readonly: true, hidden: true, "aria-label": "Link to this text" });
const saves = ["JSON", "CSV", "Text"].map((kind) => make("button", { type: "button", class: "quiet", "data-kind": kind }, kind));
const look = make("button", { type: "button", class: "quiet" }, "Look at its attention");
look.onclick = () => trigger("look", { ids: value().tokens.map((token) => token[ID]) });
const tools = make("div", { class: "tools" }, look, link, linkText, make("span", { class: "save" }, "Save as "), ...saves);
root.append(title, words, make("div", { class: "key" }, picker, legend), turns, tools);

for (const name of Object.keys(SCALES)) {
  const pick = make("button", { type: "button", role: "radio", "data-scale": name }, name);
  pick.onclick = () => { scale = name; drawn = []; draw(); };
  picker.append(pick);
}

const value = () => props.value ?? { tokens: [] };
const shadeOf = (token) => (token[P] === null ? null : Math.min(1, SCALES[scale].share(token)));

const tip = (token) => {
  const bytes = `token ${token[ID].toLocaleString("en")}, bytes ${token[HEX].toUpperCase() || "none"}`;
  if (token[P] === null) return `${bytes}: your prompt`;
  return `${percent(token[P])}, rank ${token[RANK].toLocaleString("en")}, ${token[BITS].toFixed(2)} bits of entropy; ${bytes}`;
};

const button = (token, index) => {
  const { end, differs_at: differsAt } = value();
  const shade = shadeOf(token);
  const names = ["token", token[BY]];
  if (token[TEXT] === "" && token[ID] !== end) names.push("part");
  if (index > 0 && drawn[index - 1]?.part) names.push("joined");
  if (shade !== null && shade > 0.5) names.push("deep");
  if (index === differsAt) names.push("differs");
  const label = token[ID] === end ? [make("i", { class: "ending" }, "end of text")] : tokenText(token[TEXT]);
  const node = make("button", {
    type: "button", class: names.join(" "), "data-index": index, title: tip(token), tabindex: "-1",
    style: shade === null ? "" : `--share:${shade.toFixed(4)}`, "aria-pressed": "false",
  }, ...label);
  return token[TEXT].endsWith("\n") ? [node, make("br")] : [node];
};

const unmark = (node) => {
  node.classList.remove("selected");
  node.setAttribute("aria-pressed", "false");
};
/** Outline the token that the panel speaks of. */
const mark = () => {
  words.querySelectorAll(".selected").forEach(unmark);
  const node = drawn[selected]?.nodes[0];
  if (!node) return;
  node.classList.add("selected");
  node.setAttribute("aria-pressed", "true");
};

/** Draw only what changed, so that focus and hover survive while the text grows. */
const drawWords = () => {
  const { tokens, differs_at: differsAt, writing } = value();
  const keys = tokens.map((token) => JSON.stringify([token, differsAt]));
  let same = 0;
  while (same < keys.length && same < drawn.length && drawn[same].key === keys[same]) same += 1;
  for (const { nodes } of drawn.splice(same)) nodes.forEach((node) => node.remove());
  for (let i = same; i < tokens.length; i += 1) {
    const nodes = button(tokens[i], i);
    drawn.push({ key: keys[i], nodes, part: tokens[i][TEXT] === "" && tokens[i][ID] !== value().end });
    words.append(...nodes);
  }
  words.querySelector(".newest")?.classList.remove("newest");
  if (writing && drawn.length) drawn[drawn.length - 1].nodes[0].classList.add("newest");
  const reachable = drawn[selected] ?? drawn[0];
  words.querySelectorAll('[tabindex="0"]').forEach((node) => { node.tabIndex = -1; });
  if (reachable) reachable.nodes[0].tabIndex = 0;
};

const drawKey = () => {
  picker.querySelectorAll("button").forEach((node) => {
    node.setAttribute("aria-checked", node.dataset.scale === scale ? "true" : "false");
  });
  const [low, high] = SCALES[scale].ends;
  legend.replaceChildren(low, make("span", { class: "ramp", role: "img", "aria-label": `from ${low} to ${high}` }), high,
    make("small", {}, `Each box is a token: a word or a piece of one. Colour: ${SCALES[scale].says}. Underlined: your prompt.`));
};

const drawTurns = () => {
  const { branches, place } = value();
  turns.hidden = (branches ?? []).length < 2;
  const keys = JSON.stringify([branches, place]);
  if (turns.dataset.keys === keys) return;
  turns.dataset.keys = keys;
  turns.replaceChildren(make("span", {}, "Branches"), ...(branches ?? []).map(([number, label]) =>
    make("button", { type: "button", class: "branch", "data-place": number, "aria-pressed": number === place ? "true" : "false" },
      make("bdi", {}, label))));
};

const draw = () => {
  const { tokens, label, writing } = value();
  root.classList.toggle("is-empty", tokens.length === 0);
  root.classList.toggle("is-writing", Boolean(writing));
  title.replaceChildren(make("bdi", {}, label ?? ""));
  drawWords();
  drawKey();
  drawTurns();
  mark();
};

const select = (index) => {
  selected = index;
  mark();
  element.dispatchEvent(new CustomEvent("token-opened", { bubbles: true })); // other strips let go, and a panel comes into sight
  const node = drawn[index]?.nodes[0];
  if (!node) return;
  const { tokens, place, prompt_length: promptLength } = value();
  trigger("pick", { index, place, ids: tokens.map((token) => token[ID]), prompt_length: promptLength });
};

words.addEventListener("click", (event) => {
  const node = event.target.closest(".token");
  if (node) select(Number(node.dataset.index));
});
words.addEventListener("keydown", (event) => {
  const node = event.target.closest(".token");
  if (!node) return;
  const here = Number(node.dataset.index);
  const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -here, End: drawn.length - 1 - here };
  if (event.key in steps) {
    event.preventDefault();
    const next = drawn[here + steps[event.key]]?.nodes[0];
    if (next) { node.tabIndex = -1; next.tabIndex = 0; next.focus(); }
  } else if (/^[1-9]$/.test(event.key)) {
    element.dispatchEvent(new CustomEvent("choice-wanted", { bubbles: true, detail: Number(event.key) }));
  }
});
document.addEventListener("token-opened", (event) => {
  if (!element.isConnected || event.target === element) return;
  selected = -1;
  mark();
});
turns.addEventListener("click", (event) => {
  const node = event.target.closest(".branch");
  if (node) { selected = -1; trigger("turn", { place: Number(node.dataset.place) }); }
});

link.onclick = async () => {
  const { link: query } = value();
  const done = (said) => { link.textContent = said; setTimeout(() => { link.textContent = "Copy link"; }, 2500); };
  if (!query) return done("No link leads here");
  const address = location.origin + location.pathname + query;
  try {
    await navigator.clipboard.writeText(address);
    done("Link copied");
  } catch {
    linkText.hidden = false;
    linkText.value = address;
    linkText.select();
    done("Copy it from here");
  }
};

const UNITS = { probability: "0 to 1", probability_tempered: "0 to 1", probability_cut: "0 to 1", entropy: "bits", first_token_ms: "milliseconds" };
const COLUMNS = ["position", "chosen by", "id", "bytes (hex)", "text", "raw probability (0 to 1)",
  "after penalties and temperature (0 to 1)", "after the cut (0 to 1)", "rank", "entropy (bits)"];
/** The run in the form of `generate --json`, with the prompt's tokens and the later stages of each probability beside it. */
const record = () => {
  const { tokens, prompt_length: promptLength, record: facts } = value();
  const scored = (t) => ({ id: t[ID], text: t[TEXT], probability: t[P], rank: t[RANK], entropy: t[BITS] });
  const drawn = (t) => ({ ...scored(t), probability_tempered: t[TEMPERED] ?? null, probability_cut: t[CUT] ?? null });
  const written = tokens.slice(promptLength);
  return { ...facts, text: written.map((t) => t[TEXT]).join(""), tokens: written.map(drawn),
    prompt_tokens: tokens.slice(0, promptLength).map(scored), units: UNITS };
};
const rows = () => value().tokens.map((t, i) => [i + 1, t[BY], t[ID], t[HEX], t[TEXT], t[P], t[TEMPERED], t[CUT], t[RANK], t[BITS]]);
const exports = {
  JSON: () => save("gpt2demo.json", "application/json", JSON.stringify(record(), null, 1)),
  CSV: () => saveCsv("gpt2demo", [COLUMNS, ...rows()]),
  Text: () => save("gpt2demo.txt", "text/plain", record().prompt + record().text),
};
for (const node of saves) node.onclick = () => exports[node.dataset.kind]();

watch("value", () => {
  const { opened, writing, place } = value();
  if (place !== left) left = null;
  if (leads && place >= 0 && left === null) steps.note({ place });
  if (writing) selected = -1;
  else if (opened !== undefined) selected = opened;
  draw();
});
draw();

if (leads) {
  document.addEventListener("click", ({ target }) => { // that button stands far below the two texts that it writes
    if (target.closest("#compare")) element.scrollIntoView({ block: "start" });
  });
  document.addEventListener("branch-wanted", ({ detail: place }) => {
    if (place === value().place) return;
    [selected, left] = [-1, value().place];
    trigger("turn", { place });
  });
}
