// A scored file: labels in sum, rows in a table, and how right the model was where that can be known.
const { make, percent } = window.gpt2demo;
const root = element.querySelector(".scored");
const SVG = "http://www.w3.org/2000/svg";
const NAMES = ["negative", "neutral", "positive", "unsure"];
const SIDE = 200;

const draw_ = (tag, attributes, ...children) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};
const value = () => props.value ?? { rows: [], counts: [] };

const sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const bar = make("div", { class: "shares", "aria-hidden": "true" });
const check = make("div", { class: "check" });
const body = make("tbody");
const caption = make("caption");
const grid = make("div", { class: "frame" }, make("table", {}, caption, make("thead", {}, make("tr", {}, ...["row", "text", "label", "negative", "neutral", "positive"].map((name) =>
  make("th", { scope: "col" }, name)))), body));
root.append(sentence, bar, check, grid);

const line = ([number, text, ...rest]) => {
  const [negative, neutral, positive, unsure] = rest;
  const p = [negative, neutral, positive];
  const label = NAMES[p.indexOf(Math.max(...p))];
  return make("tr", {}, make("td", { class: "number" }, number.toLocaleString("en")), make("td", { class: "words" }, make("bdi", {}, text)),
    make("td", {}, make("i", { class: `swatch ${unsure ? "unsure" : label}` }), unsure ? `unsure (${label}?)` : label),
    ...p.map((share) => make("td", { class: "number" }, percent(share))));
};

/** A square plot with an axis from 0 to 1 each way. */
const plot = (title, x, y, about, ...marks) => make("figure", {}, make("figcaption", {}, title), (() => {
  const svg = draw_("svg", { viewBox: `-34 -8 ${SIDE + 60} ${SIDE + 48}`, role: "img", "aria-label": about });
  svg.append(draw_("rect", { class: "frame", x: 0, y: 0, width: SIDE, height: SIDE }));
  for (const tick of [0, 0.5, 1]) {
    svg.append(draw_("text", { x: SIDE * tick, y: SIDE + 16, "text-anchor": "middle" }, `${100 * tick} %`),
      draw_("text", { x: -5, y: SIDE * (1 - tick) + 4, "text-anchor": "end" }, `${100 * tick}`));
  }
  svg.append(draw_("text", { x: SIDE / 2, y: SIDE + 34, "text-anchor": "middle" }, x), ...marks);
  return svg;
})(), make("p", {}, about));
const at = (p) => SIDE * (1 - p);

const calibration = (points) => plot("Calibration", "how sure it was", "", "Points on the line: right as often as it was sure. Below it: too sure. A larger point stands for more texts.",
  draw_("line", { class: "ideal", x1: 0, y1: SIDE, x2: SIDE, y2: 0 }),
  ...points.map(([sure, right, many]) => {
    const all = points.reduce((sum, point) => sum + point[2], 0);
    return draw_("circle", { class: "point", cx: SIDE * sure, cy: at(right), r: 3 + 12 * Math.sqrt(many / all) },
      draw_("title", {}, `${many.toLocaleString("en")} texts: ${percent(sure)} sure, ${percent(right)} right`));
  }));

const risk = (points) => {
  const mark = draw_("line", { class: "mark", y1: 0, y2: SIDE });
  const figure = plot("Answering less, erring less", "share answered", "", "The share of wrong labels if only the surest texts are answered.",
    draw_("polyline", { class: "curve", points: points.map(([share, wrong]) => `${SIDE * share},${at(wrong)}`).join(" ") }), mark);
  const says = make("p", { class: "says", role: "status" });
  const slide = (share) => {
    const [answered, wrong] = points.reduce((best, point) => (Math.abs(point[0] - share) < Math.abs(best[0] - share) ? point : best), points[0]);
    mark.setAttribute("x1", SIDE * answered);
    mark.setAttribute("x2", SIDE * answered);
    says.textContent = `Answering ${percent(answered)} of the texts, it is wrong in ${percent(wrong)} of its answers.`;
  };
  const slider = make("input", { type: "range", min: "0", max: "1", step: "0.02", value: "1", "aria-label": "Share answered", oninput: () => slide(Number(slider.value)) });
  slide(1);
  figure.append(slider, says);
  return figure;
};

const confusion = (counts) => make("figure", {}, make("figcaption", {}, "True label (rows) and the model's (columns)"),
  make("table", { class: "confusion" }, make("thead", {}, make("tr", {}, make("th"), ...NAMES.slice(0, 3).map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...counts.map((row, i) => {
      const all = row.reduce((a, b) => a + b, 0) || 1;
      return make("tr", {}, make("th", { scope: "row" }, NAMES[i]), ...row.map((many, j) =>
        make("td", { style: `--share:${(many / all).toFixed(3)}`, class: i === j ? "right" : null, title: percent(many / all) }, many.toLocaleString("en"))));
    }))), make("p", {}, "The deeper a cell, the larger its share of the row; the diagonal is right."));

const draw = () => {
  const { rows, matching, done, counts, check: found } = value();
  root.classList.toggle("is-empty", !done);
  sentence.textContent = value().sentence ?? "";
  bar.replaceChildren(...counts.map((many, i) => make("span", { class: NAMES[i], style: `width:${done ? (100 * many) / done : 0}%` })));
  caption.textContent = matching > rows.length ? `The first ${rows.length} of ${matching.toLocaleString("en")} rows; the download has all.` : `${(matching ?? 0).toLocaleString("en")} rows`;
  body.replaceChildren(...rows.map(line));
  check.replaceChildren(...(found ? [make("p", { class: "sentence" }, found.sentence),
    make("div", { class: "figures" }, confusion(found.confusion), calibration(found.calibration), risk(found.risk))] : []));
};
watch("value", draw);
draw();
