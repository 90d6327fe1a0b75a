// Title, what is running and how fast it wrote, and the switch between day and night.
const { make, lookInside, steps } = window.gpt2demo;
const root = element.querySelector(".status");

const dark = () => document.body.classList.contains("dark");
const turn = make("button", { class: "night", type: "button" });
const name = () => {
  turn.textContent = dark() ? "Light" : "Dark";
  turn.setAttribute("aria-label", dark() ? "Switch to light colours" : "Switch to dark colours");
};
/** What the browser keeps of the choice; one that lets a page in a frame keep nothing forgets it. */
const kept = (chosen) => {
  try {
    if (chosen !== undefined) localStorage.setItem("gpt2demo-night", chosen);
    return localStorage.getItem("gpt2demo-night");
  } catch { return null; }
};
turn.onclick = () => {
  document.body.classList.toggle("dark");
  kept(dark() ? "1" : "0");
  name();
};
if (kept() !== null && !location.search.includes("__theme")) document.body.classList.toggle("dark", kept() === "1");
name();

const facts = make("p", { class: "facts", "aria-label": "What is running" });
root.append(make("h1", {}, "GPT-2, thinking out loud"), facts, turn);

const draw = () => {
  const said = props.value?.facts ?? [];
  lookInside(props.value?.inside ?? true);
  facts.replaceChildren(...(said.length ? said : ["waking the model …"]).map((fact) => make("span", {}, fact)));
};
watch("value", draw);
draw();
steps.begin();

// On a phone the settings wait behind one line; they are laid out after this part.
if (window.innerWidth < 720) {
  const fold = (tries) => {
    const line = document.querySelector("#settings > button.label-wrap.open");
    if (line) line.click();
    else if (tries > 0) setTimeout(() => fold(tries - 1), 50);
  };
  fold(40);
}
