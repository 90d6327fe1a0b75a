// A scored file: labels in sum, rows in a table, and how right the model was where that can be known.
const { make, percent, counted, savesOf } = window.gpt2demo;
const root = element.querySelector(".scored");
const SVG = "http://www.w3.org/2000/svg";
const NAMES = ["negative", "neutral", "positive", "unsure"];
const SIDE = 200;

const shape = (tag, attributes, ...children) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};
const value = () => props.value ?? { rows: [], counts: [] };
const share = (part, all) => percent(all ? part / all : 0);

const sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const bar = make("div", { class: "shares", role: "img" });
const key = make("p", { class: "key" });
const summary = make("div", {}, bar, key);
const by = make("p", { class: "by" });
const check = make("div", { class: "check" });
const body = make("tbody");
const caption = make("caption");
const grid = make("div", { class: "frame" }, make("table", {}, caption, make("thead", {}, make("tr", {}, ...["row", "text", "label", "negative", "neutral", "positive"].map((name) =>
  make("th", { scope: "col" }, name)))), body));
const counts = () => [["label", "texts"], ...NAMES.map((name, i) => [name, value().counts[i]])];
root.append(sentence, summary, make("p", { class: "tools" }, savesOf("labels", summary, () => ({ title: "What the texts say", sentence: sentence.textContent, rows: counts() }))), by, check, grid);

const line = ([number, text, ...rest]) => {
  const [negative, neutral, positive, unsure] = rest;
  const p = [negative, neutral, positive];
  const label = NAMES[p.indexOf(Math.max(...p))];
  return make("tr", {}, make("td", { class: "number" }, number.toLocaleString("en")), make("td", { class: "words" }, make("bdi", {}, text)),
    make("td", {}, make("i", { class: `swatch ${unsure ? "unsure" : label}` }), unsure ? `unsure (${label}?)` : label),
    ...p.map((one) => make("td", { class: "number" }, percent(one))));
};

/** A picture with its title above, what one sees below, a way to save it, and the same numbers as a table. */
const figure = (name, title, about, picture, rows, ...more) => {
  const cells = (kind, row) => make("tr", {}, ...row.map((one) => make(kind, {}, typeof one === "number" && !Number.isInteger(one) ? one.toFixed(3) : String(one))));
  const twin = rows.length > 1 && make("details", { class: "twin" }, make("summary", {}, "The same as a table"),
    make("table", {}, make("thead", {}, cells("th", rows[0])), make("tbody", {}, ...rows.slice(1).map((row) => cells("td", row)))));
  return make("figure", {}, make("figcaption", {}, title), picture, make("p", {}, about), ...more,
    make("p", { class: "tools" }, savesOf(name, picture, () => ({ title, sentence: about, rows }))), twin || null);
};

/** A square with an axis from 0 to 100 % each way. */
const square = (across, up, about, ...marks) => {
  const svg = shape("svg", { viewBox: `-48 -8 ${SIDE + 66} ${SIDE + 48}`, role: "img", "aria-label": about });
  svg.append(shape("rect", { class: "frame", x: 0, y: 0, width: SIDE, height: SIDE }));
  for (const tick of [0, 0.5, 1]) {
    svg.append(shape("text", { x: SIDE * tick, y: SIDE + 16, "text-anchor": "middle" }, `${100 * tick} %`),
      shape("text", { x: -5, y: SIDE * (1 - tick) + 4, "text-anchor": "end" }, `${100 * tick} %`));
  }
  svg.append(shape("text", { x: SIDE / 2, y: SIDE + 34, "text-anchor": "middle" }, across), shape("text", { x: 6, y: 14 }, up), ...marks);
  return make("div", { class: "plot" }, svg);
};
const at = (p) => SIDE * (1 - p);

const calibration = (points) => {
  const about = "Points on the line: right as often as it was sure. Below it: too sure. A larger point stands for more texts.";
  const all = points.reduce((sum, point) => sum + point[2], 0);
  const marks = points.map(([sure, right, many]) => shape("circle", { class: "point", cx: SIDE * sure, cy: at(right), r: 3 + 12 * Math.sqrt(many / all) },
    shape("title", {}, `${counted(many, "text")}: ${percent(sure)} sure, ${percent(right)} right`)));
  return figure("calibration", "Calibration: is it right as often as it is sure?", about,
    square("how sure it was", "how often it was right", about, shape("line", { class: "ideal", x1: 0, y1: SIDE, x2: SIDE, y2: 0 }), ...marks),
    [["sure", "right", "texts"], ...points]);
};

const risk = (points) => {
  const about = "The share of wrong labels if only the surest texts are answered: the lower the curve, the better.";
  const mark = shape("line", { class: "mark", y1: 0, y2: SIDE });
  const curve = shape("polyline", { class: "curve", points: points.map(([answered, wrong]) => `${SIDE * answered},${at(wrong)}`).join(" ") });
  const says = make("p", { class: "says", role: "status" });
  const slide = (wanted) => {
    const [answered, wrong] = points.reduce((best, point) => (Math.abs(point[0] - wanted) < Math.abs(best[0] - wanted) ? point : best), points[0]);
    mark.setAttribute("x1", SIDE * answered);
    mark.setAttribute("x2", SIDE * answered);
    says.textContent = `Answering ${percent(answered)} of the texts, it is wrong in ${percent(wrong)} of its answers.`;
  };
  const slider = make("input", { type: "range", min: "0", max: "1", step: "0.02", value: "1", "aria-label": "Share answered", oninput: () => slide(Number(slider.value)) });
  slide(1);
  return figure("risk-coverage", "Answering less, erring less", about, square("share answered", "share wrong", about, curve, mark),
    [["answered", "wrong"], ...points], slider, says);
};

const confusion = (table) => {
  const grid = make("table", { class: "confusion" }, make("thead", {}, make("tr", {}, make("th", {}, "true ↓  said →"), ...NAMES.slice(0, 3).map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...table.map((row, i) => {
      const all = row.reduce((a, b) => a + b, 0);
      return make("tr", {}, make("th", { scope: "row" }, NAMES[i]), ...row.map((many, j) =>
        make("td", { style: `--share:${all ? (many / all).toFixed(3) : 0}`, class: i === j ? "right" : null, title: `${share(many, all)} of the ${NAMES[i]} ones` }, many.toLocaleString("en"))));
    })));
  return figure("confusion", "Which labels it takes for which", "Texts by their true label (rows) and the model's (columns). The deeper a cell, the larger its share of the row; the diagonal is right.",
    make("div", { class: "plot" }, grid), [["true label", ...NAMES.slice(0, 3)], ...table.map((row, i) => [NAMES[i], ...row])]);
};

const draw = () => {
  const { rows, matching, done, counts: many, check: found } = value();
  root.classList.toggle("is-empty", !done);
  sentence.textContent = value().sentence ?? "";
  by.textContent = value().by ?? "";
  bar.setAttribute("aria-label", value().sentence ?? "");
  bar.replaceChildren(...many.map((one, i) => make("span", { class: NAMES[i], style: `width:${done ? (100 * one) / done : 0}%`, title: `${NAMES[i]}: ${counted(one, "text")}` })));
  key.replaceChildren(...many.map((one, i) => make("span", {}, make("i", { class: `swatch ${NAMES[i]}` }), `${NAMES[i]} ${share(one, done)}`)));
  caption.textContent = matching > rows.length ? `The first ${rows.length} of ${counted(matching, "row")}; the download has all.` : counted(matching ?? 0, "row");
  body.replaceChildren(...rows.map(line));
  check.replaceChildren(...(found ? [make("p", { class: "sentence" }, found.sentence),
    make("div", { class: "figures" }, confusion(found.confusion), calibration(found.calibration), risk(found.risk))] : []));
};
watch("value", draw);
draw();
