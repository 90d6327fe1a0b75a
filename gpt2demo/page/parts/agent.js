// The agents' side: who waits, what was said, what to answer.
const { make } = window.gpt2demo;
const root = element.querySelector(".agent");
const value = () => props.value ?? {};

const queue = make("div", { class: "queue", "aria-label": "Customers who wait for a person or have one" });
const log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "The conversation", tabindex: "0" });
const moods = make("div", { class: "moods" });
const offers = make("div", { class: "offers" });
const entry = make("textarea", { rows: "3", "aria-label": "Your answer", placeholder: "Your answer" });
const send = make("button", { type: "submit", class: "send" }, "Answer");
const form = make("form", {}, entry, send);
const leave = make("button", { type: "button", class: "quiet" }, "Hand back to the assistant");
const close = make("button", { type: "button", class: "quiet" }, "Close the conversation");
const room = make("div", { class: "room" }, moods, log, offers, form, make("div", { class: "tools" }, leave, close));
root.append(make("h1", {}, "Customer service: agents"), make("div", { class: "desk" }, queue, room));

const NAMES = { customer: "Customer", bot: "Assistant", agent: "You", notice: "" };
let drawn = "";
let chosen = null; // the customer that was clicked on last

const bubble = (row) => make("div", { class: `said ${row.by === "notice" ? "remark" : row.by}` }, make("span", { class: "who" }, NAMES[row.by]),
  ...row.text.split("\n").map((line) => make("p", {}, line)), row.told ? make("small", {}, row.told) : null);

const choose = (id) => { chosen = id; trigger("choose", { id }); };

const drawQueue = () => {
  const waiting = value().queue ?? [];
  const items = waiting.map((one) => make("button", {
    type: "button", class: "customer", "aria-pressed": one.id === value().open ? "true" : "false", onclick: () => choose(one.id),
  }, make("b", {}, `${one.state} · ${one.minutes} min`), make("span", {}, one.words)));
  const none = make("p", { class: "none" }, "Nobody is waiting. Customers who ask for a person appear here by themselves.");
  queue.replaceChildren(make("h2", {}, `Queue (${waiting.length})`), ...(items.length ? items : [none]));
};

/** The customer's mood from message to message: a sign and a word, the colour only repeats them. */
const drawMoods = () => {
  const heard = value().moods ?? [];
  const signs = heard.map((one, i) => make("span", { class: `mood ${one.mood}`, title: `message ${i + 1}: ${one.mood}` }, one.sign));
  const last = heard.length ? `now ${heard[heard.length - 1].mood}, as the sentiment adapter hears it (− negative, ○ neutral, + positive, ? unclear)` : "";
  moods.replaceChildren(...(heard.length ? [make("span", {}, "Mood of the customer, message by message:"), ...signs, make("span", {}, last)] : []));
};

const draw = () => {
  const key = JSON.stringify(value());
  if (key === drawn) return;
  drawn = key;
  drawQueue();
  drawMoods();
  room.hidden = !value().open;
  log.replaceChildren(...(value().entries ?? []).map(bubble));
  log.scrollTop = log.scrollHeight;
  const offered = value().suggestions ?? [];
  offers.replaceChildren(offered.length ? make("span", {}, "Suggested, to be read before it is sent:") : "", ...offered.map((text) =>
    make("button", { type: "button", class: "offer", onclick: () => { entry.value = text; entry.focus(); } }, text)));
  const mine = ["waiting", "with_person"].includes(value().state);
  send.disabled = leave.disabled = close.disabled = !mine;
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!entry.value.trim()) return;
  trigger("reply", { id: value().open, text: entry.value });
  entry.value = "";
});
entry.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
});
const parts = (ends) => { chosen = null; trigger("leave", { id: value().open, close: ends }); };
leave.onclick = () => parts(false);
close.onclick = () => parts(true);
watch("value", () => {
  draw();
  // A look at the queue that was under way when the agent chose comes back late, without the choice.
  if (chosen && value().open !== chosen && (value().queue ?? []).some((one) => one.id === chosen)) trigger("choose", { id: chosen });
});
draw();
