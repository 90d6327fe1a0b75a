// What else a token could have been: one bar a candidate with three marks, one for each stage of the sampler.
const { make, percent, tokenText, savesOf } = window.gpt2demo;
const root = element.querySelector(".probability-bars");
const NAMES = ["raw", "temp.", "cut"];
const STAGES = ["what the model thinks", "after penalties and temperature", "after top-k and top-p: what is drawn from"];
const SCALES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1]; // where the axis may end

const side = () => root.closest("#side"); // on a phone a sheet over the lower edge, of which more can be pulled up
const more = make("button", { type: "button", class: "more", "aria-expanded": "false", "aria-label": "Show more of the panel" });
more.onclick = () => {
  const open = side().classList.toggle("open");
  more.setAttribute("aria-expanded", open ? "true" : "false");
  more.setAttribute("aria-label", open ? "Show less of the panel" : "Show more of the panel");
};
const heading = make("p", { class: "context" });
const sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const effect = make("p", { class: "effect" });
const key = make("p", { class: "stages" }, ...["raw", "tempered", "cut"].map((name, i) =>
  make("span", {}, make("b", { class: `swatch ${name}` }), NAMES[i], make("span", { class: "meaning" }, `: ${STAGES[i]}`))));
const axis = make("span", { class: "axis" });
const columns = make("p", { class: "columns", "aria-hidden": "true" }, make("span", { class: "unit" }, "probability in %"), axis,
  make("span", { class: "heads" }, ...NAMES.map((name) => make("span", {}, name))));
const list = make("ol", { class: "choices" });
const picture = make("div", { class: "picture" }, columns, list);
const foot = make("p", { class: "foot" });
const told = () => ({ title: `What could follow “…${props.value.context}”`, sentence: sentence.textContent, rows: table() });
const tools = make("div", { class: "tools" }, savesOf("next-token", picture, told));
root.append(more, heading, sentence, effect, key, picture, foot, tools);

/** A probability for a column headed "%": two decimals, so that the points stand below each other. */
const column = (p) => (p === 0 ? "–" : p < 0.00005 ? "<0.01" : p >= 0.99995 && p < 1 ? ">99.99" : (100 * p).toFixed(2));

/** Three marks on one bar, in shares of the axis; what is longer than the axis is broken off at its end. */
const bar = (stages, full) => {
  const width = (p) => `width:${Math.min(100, (100 * p) / full).toFixed(3)}%`;
  const broken = Math.max(...stages) > full;
  return make("span", { class: `bar${broken ? " broken" : ""}` }, ...["tempered", "raw", "cut"].map((name) =>
    make("span", { class: `level ${name}`, style: width(stages[{ raw: 0, tempered: 1, cut: 2 }[name]]) })));
};
const numbers = (stages) => make("span", { class: "numbers" }, ...stages.map((p, i) =>
  make("span", { title: `${STAGES[i]}: ${p * 100} %` }, column(p))));

const choice = (row, full) => {
  const names = ["choice", row.chosen ? "chosen" : "", row.stages[2] === 0 ? "is-cut" : ""].join(" ").trim();
  const says = `${row.text}, ${STAGES.map((stage, i) => `${stage} ${percent(row.stages[i])}`).join(", ")}`;
  const label = row.chosen ? "Stands in the text" : "Take this way";
  return make("li", {}, make("button", { type: "button", class: names, "data-id": row.id, "aria-label": `${label}: ${says}`,
    title: row.chosen ? "this token stands in the text" : "click: take this way" },
    make("span", { class: "rank" }, row.rank.toLocaleString("en")),
    make("span", { class: "label" }, ...tokenText(row.text)), bar(row.stages, full), numbers(row.stages)));
};
const others = (rest, full) => make("li", { class: "rest" },
  make("span", { class: "label" }, `all others (${rest.count.toLocaleString("en")})`), bar(rest.stages, full), numbers(rest.stages));

/** The axis ends at the first round number that no listed token exceeds. */
const drawAxis = (full) => axis.replaceChildren(...[0, 0.5, 1].map((share) =>
  make("i", { style: `left:${100 * share}%` }, share === 1 ? `${Number((100 * full).toPrecision(2))} %` : String(Number((100 * full * share).toPrecision(2))))));

/** The bars as rows of numbers, in full. */
const table = () => {
  const { rows, rest } = props.value;
  return [["rank", "id", "token", ...NAMES.map((name, i) => `${name} in %: ${STAGES[i]}`)],
    ...rows.map((row) => [row.rank, row.id, row.text, ...row.stages.map((p) => 100 * p)]),
    ["", "", `all others (${rest.count})`, ...rest.stages.map((p) => 100 * p)]];
};

/** A text whose numbers keep their units on their line. */
const unbroken = (text) => text.replace(/(\d) %/g, "$1\u00a0%");

let last = {};
const draw = () => {
  const value = props.value ?? {};
  root.classList.toggle("is-reshaped", String(last.ids) === String(value.ids) && last.effect !== value.effect); // by a slider
  last = value;
  const rows = value.rows ?? [];
  root.classList.toggle("is-empty", rows.length === 0);
  sentence.replaceChildren(make("bdi", {}, unbroken(value.sentence ?? "")));
  heading.replaceChildren(...(rows.length ? ["after ", make("q", {}, make("bdi", {}, `…${value.context}`))] : []));
  effect.textContent = unbroken(value.effect ?? "");
  if (!rows.length) return list.replaceChildren();
  const highest = Math.max(...rows.flatMap((row) => row.stages)), full = SCALES.find((end) => highest <= end) ?? 1;
  drawAxis(full);
  list.replaceChildren(...rows.map((row) => choice(row, full)), others(value.rest, full));
  const cut = Math.max(...value.rest.stages) > full ? " The bar of all others is broken off: it is longer than the scale." : "";
  foot.textContent = `All bars together are 100 %.${cut} Entropy ${value.entropy.toFixed(2)} bits. Click a token to take that way; keys 1 to 9 do the same from the text.`;
};
list.addEventListener("click", (event) => {
  const node = event.target.closest(".choice");
  if (node && !node.classList.contains("chosen")) trigger("take", { id: Number(node.dataset.id) });
});
document.addEventListener("token-opened", () => { side().scrollTop = 0; });
document.addEventListener("choice-wanted", (event) => list.querySelectorAll(".choice")[event.detail - 1]?.click());
watch("value", draw);
draw();
