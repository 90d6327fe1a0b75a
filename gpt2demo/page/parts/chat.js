// A chat as customers know it: bubbles, a line to write on, whose turn it is; beside it, on demand, why a reply is as it is.
const { make, percent, save } = window.gpt2demo;
const root = element.querySelector(".chat");
const { kept } = window.gpt2demo.steps; // over a reload, where the browser allows it

/** @typedef {{by: string, text: string, index: number, mode?: string, why?: string[][], sources?: Object[]}} Row */
let opened = null; // the index of the reply whose "why" is shown
let rated = {};

const state = make("p", { class: "state", role: "status" });
const log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "The conversation", tabindex: "0" });
const entry = make("textarea", { rows: "2", "aria-label": "Your message", placeholder: "Ask about an order, a return, an invoice …" });
const send = make("button", { type: "submit", class: "send" }, "Send");
const stop = make("button", { type: "button", class: "stop" }, "Stop");
const form = make("form", {}, entry, send, stop);
const fresh = make("button", { type: "button", class: "quiet" }, "New chat");
const saves = ["Markdown", "JSON"].map((kind) => make("button", { type: "button", class: "quiet", "data-kind": kind }, kind));
const tools = make("div", { class: "tools" }, fresh, make("span", {}, "Save as "), ...saves);
const side = make("aside", { class: "why", hidden: true, "aria-label": "Why this answer" });
root.append(make("div", { class: "talk" }, state, log, form, tools), side);

const value = () => props.value ?? {};
const rows = () => value().entries ?? [];
const press = (label, onclick, attributes = {}) => make("button", { type: "button", ...attributes, onclick }, label);

const ask = (text, index) => {
  if (!text.trim() || value().writing) return;
  opened = null;
  if (index === undefined) trigger("send", { id: value().id, text });
  else trigger("resend", { id: value().id, text, index });
};

/** Put a message back into the line, to be said differently. */
const edit = (row, node) => {
  const field = make("textarea", { rows: "2", "aria-label": "Your message, to be changed" });
  field.value = row.text;
  const done = press("Send again", () => ask(field.value, row.index), { class: "quiet" });
  const back = press("Leave it", () => { drawn = ""; draw(); }, { class: "quiet" });
  node.replaceChildren(field, done, back);
  field.focus();
};

/** A passage with the words marked that the question used. */
const marked = ({ text, used }) => {
  const known = new Set((used ?? []).map((word) => word.toLowerCase()));
  const pieces = text.split(/([\p{L}\p{N}]+)/u);
  return pieces.map((piece) => (known.has(piece.toLowerCase()) ? make("mark", {}, piece) : piece));
};

const explain = (row) => {
  side.hidden = row === null;
  if (row === null) return side.replaceChildren();
  const close = press("Close", () => { opened = null; explain(null); drawn = ""; draw(); }, { class: "quiet close" });
  const steps = row.why.map(([step, found]) => make("li", {}, make("b", {}, step), make("span", {}, found)));
  const sources = row.sources.flatMap((source) => [
    make("h4", {}, `Source: ${source.title}`), make("blockquote", {}, ...marked(source)),
  ]);
  const looks = make("p", { class: "looks" },
    press("Its tokens and their probabilities", () => trigger("unfold", { text: row.text }), { class: "quiet" }), " ",
    press("Its attention", () => trigger("look", { text: row.text }), { class: "quiet" }));
  side.replaceChildren(close, make("h3", {}, "Why this answer"), make("ol", {}, ...steps), ...sources,
    sources.length ? make("p", { class: "note" }, "Marked: words that your message and the passage share.") : null, looks);
};

const rate = (row, thumb, node) => {
  rated[row.index] = thumb;
  const reason = make("input", { type: "text", "aria-label": "Why (optional)", placeholder: "Why? (optional)", maxlength: "300" });
  const give = (event) => { event.preventDefault(); trigger("rate", { id: value().id, index: row.index, thumb, reason: reason.value }); node.replaceChildren("Thank you."); };
  node.replaceChildren(make("form", { class: "reason", onsubmit: give }, reason, make("button", { type: "submit", class: "quiet" }, "Tell us")));
};

const foot = (row) => {
  const sure = row.sure === null ? "" : ` · ${percent(row.sure)} sure`;
  const told = make("span", { class: "mode", title: row.meaning, "data-mode": row.mode }, row.label + sure);
  const open = () => { opened = opened === row.index ? null : row.index; explain(opened === null ? null : row); drawn = ""; draw(); };
  const sources = row.sources.map((source) => press(source.title, open, { class: "source", title: "Open the source" }));
  const thumbs = make("span", { class: "thumbs" });
  const up = press("Helpful", () => rate(row, "up", thumbs), { class: "quiet" });
  const down = press("Not helpful", () => rate(row, "down", thumbs), { class: "quiet" });
  thumbs.append(...(rated[row.index] ? ["Thank you."] : [up, down]));
  const why = press("Why this answer", open, { class: "quiet", "aria-expanded": opened === row.index ? "true" : "false" });
  return make("div", { class: "foot" }, told, ...sources, why, thumbs);
};

const NAMES = { customer: "You", bot: "Assistant", agent: "Person", notice: "" };
const bubble = (row, last) => {
  const words = row.text.split("\n").map((line) => make("p", {}, line));
  const node = make("div", { class: `said ${row.by === "notice" ? "remark" : row.by}`, "data-index": row.index }, make("span", { class: "who" }, NAMES[row.by]), ...words);
  if (row.editable && value().id && value().state === "bot" && !value().writing) {
    node.append(press("Edit", () => edit(row, node), { class: "quiet edit" }));
  }
  if (row.by === "bot" && !(last && value().writing)) {
    node.append(foot(row));
    if (last) node.append(make("div", { class: "options" }, ...row.options.map((option) => press(option, () => ask(option), { class: "option" }))));
  }
  return node;
};

let drawn = "";
const draw = () => {
  const { told, entries, writing, examples, faq } = value();
  const [name, what] = told ?? ["", ""];
  state.dataset.state = value().state ?? "bot";
  state.replaceChildren(make("b", {}, name), ` ${what}`, faq ? make("i", {}, ` Answers come from ${faq}.`) : "");
  const key = JSON.stringify([entries, writing, value().state, opened]);
  if (key !== drawn) {
    const shown = rows();
    log.replaceChildren(...shown.map((row, i) => bubble(row, i === shown.length - 1)));
    if (!value().id && shown.length) log.prepend(make("p", { class: "begun" }, "An example. Your own chat begins with your first message."));
    if (!shown.length && !writing) log.append(make("p", { class: "begun" }, "Ask anything about the shop, or take one of the examples above."));
    if (writing) log.append(make("div", { class: "said bot dots", "aria-label": "The assistant is writing" }, "…"));
    if (drawn !== "" || shown.length > 4) log.scrollTop = log.scrollHeight;
    drawn = key;
  }
  root.classList.toggle("is-writing", Boolean(writing));
  const closed = value().state === "closed";
  entry.disabled = closed;
  send.disabled = closed || Boolean(writing);
  stop.disabled = !writing;
  if (value().id) kept("chat", value().id);
  const row = shown(opened);
  if (opened !== null && row) explain(row);
};
const shown = (index) => rows().find((row) => row.by === "bot" && row.index === index);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = entry.value;
  if (!text.trim() || value().writing) return;
  ask(text);
  entry.value = "";
  entry.focus();
});
entry.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
});
stop.onclick = () => trigger("halt", { id: value().id });
fresh.onclick = () => { opened = null; rated = {}; explain(null); kept("chat", ""); trigger("open", { id: "", fresh: true }); entry.focus(); };

const transcript = () => rows().map((row) => {
  const how = row.by === "bot" ? `\n\n_${row.label}${row.sources.map((s) => `; source: ${s.title}`).join("")}_` : "";
  return `**${NAMES[row.by] || "Notice"}:** ${row.text}${how}`;
}).join("\n\n");
const exports = {
  Markdown: () => save("conversation.md", "text/markdown", `# Conversation\n\n${transcript()}\n`),
  JSON: () => save("conversation.json", "application/json", JSON.stringify({
    state: value().state, entries: rows().map(({ by, text, record }) => ({ by, text, ...(record ? { turn: record } : {}) })),
  }, null, 1)),
};
for (const node of saves) node.onclick = () => exports[node.dataset.kind]();

window.gpt2demo.askInChat = (text) => ask(text);
watch("value", () => {
  const refused = value().refused; // a message that was not taken goes back into the line
  if (refused && entry.value === "") entry.value = refused;
  draw();
});
draw();
trigger("open", { id: kept("chat") ?? "", fresh: false });
