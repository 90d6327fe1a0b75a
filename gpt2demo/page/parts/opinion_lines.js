// Opinion over time: a row a topic with columns of headlines and a calm line, alarms as marks and as cards.
const { make, save } = window.gpt2demo;
const root = element.querySelector(".opinion-lines");
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 720, HEIGHT = 64, FOOT = 2;
const LABELS = ["negative", "neutral", "positive"];

const draw_ = (tag, attributes, ...children) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};
const said = (text) => draw_("title", {}, text);
const day = (iso, seconds) => new Date(`${iso}Z`).toLocaleString("en-GB", { timeZone: "UTC", day: "numeric", month: "short",
  year: "numeric", ...(seconds < 86400 ? { hour: "2-digit", minute: "2-digit" } : {}) });
const share = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : "–");
const value = () => props.value ?? { topics: [], alarms: [] };

const sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const legend = make("p", { class: "legend" });
const rows = make("div", { class: "rows" });
const cards = make("div", { class: "cards" });
const twin = make("details", { class: "twin" }, make("summary", {}, "The same as a table"));
const tools = make("p", { class: "tools" });
root.append(sentence, cards, legend, rows, tools, twin);

/** One topic's picture; x runs over the time of the whole stream, so that rows can be compared. */
const picture = (row, at, highest, alarms, seconds) => {
  const svg = draw_("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img",
    "aria-label": `${row.topic}: headlines over time` });
  const step = at.step, wide = Math.max(1, step * 0.8);
  row.windows.forEach(([start, ...counts]) => {
    let y = HEIGHT - FOOT;
    const column = draw_("g", {}, said(`${day(start, seconds)}: ${LABELS.map((l, i) => `${counts[i]} ${l}`).join(", ")}`));
    counts.forEach((count, i) => {
      const high = (count / highest) * (HEIGHT - 8);
      y -= high;
      if (count) column.append(draw_("rect", { class: LABELS[i], x: at(start), y, width: wide, height: high }));
    });
    svg.append(column);
  });
  const y = (p) => (HEIGHT - FOOT) * (1 - p) + 1;
  const runs = [[]];
  row.line.forEach((point, i) => (point ? runs[runs.length - 1].push([at(row.windows[i][0]) + step / 2, point]) : runs.push([])));
  for (const run of runs.filter((r) => r.length > 1)) {
    const upper = run.map(([x, p]) => `${x},${y(p[2])}`), lower = run.map(([x, p]) => `${x},${y(p[1])}`).reverse();
    svg.append(draw_("polygon", { class: "band", points: [...upper, ...lower].join(" ") }),
      draw_("polyline", { class: "share", points: run.map(([x, p]) => `${x},${y(p[0])}`).join(" ") }));
  }
  for (const alarm of alarms) {
    const x = at(alarm.start) + step / 2;
    svg.append(draw_("line", { class: "alarm", x1: x, x2: x, y1: 0, y2: HEIGHT }, said(alarm.sentence)));
  }
  return svg;
};

const drawRows = () => {
  const { topics, alarms, first, last, seconds } = value();
  const many = topics.length ? Math.round((Date.parse(last) - Date.parse(first)) / 1000 / seconds) + 1 : 1;
  const at = (iso) => ((Date.parse(iso) - Date.parse(first)) / 1000 / seconds) * at.step;
  at.step = WIDTH / many;
  const highest = Math.max(1, ...topics.flatMap((row) => row.windows.map(([, ...counts]) => counts.reduce((a, b) => a + b))));
  rows.replaceChildren(...topics.map((row) => {
    const totals = [0, 1, 2].map((i) => row.windows.reduce((sum, w) => sum + w[i + 1], 0));
    const all = totals.reduce((a, b) => a + b);
    const its = alarms.filter((alarm) => alarm.topic === row.topic);
    return make("div", { class: "topic" }, make("p", { class: "name" }, make("bdi", {}, row.topic),
      make("small", {}, `${all.toLocaleString("en")} headlines, ${share(totals[0], all)} negative`),
      its.length ? make("b", {}, its.length === 1 ? "1 alarm" : `${its.length} alarms`) : ""),
    picture(row, at, highest, its, seconds));
  }), ...(topics.length ? [make("div", { class: "axis" }, make("span", {}, day(first, seconds)), make("span", {}, day(last, seconds)))] : []));
  legend.replaceChildren(...(topics.length ? [...LABELS.map((label) => make("span", {}, make("i", { class: `swatch ${label}` }), label)),
    make("span", {}, make("i", { class: "swatch line" }), `share of negative over ${value().smoothed} windows, 0 to 100 %, with its 95 % band`),
    make("span", {}, make("i", { class: "swatch alarm" }), "alarm"),
    make("span", {}, `a column is a ${value().unit}, the highest has ${highest} headlines`)] : []));
};

const drawCards = () => {
  const { alarms, seconds } = value();
  cards.replaceChildren(...[...alarms].reverse().map((alarm, i) => {
    const seen = make("button", { type: "button", class: "quiet", disabled: alarm.acknowledged }, alarm.acknowledged ? "Seen" : "Mark as seen");
    seen.onclick = () => trigger("acknowledge", { topic: alarm.topic, start: alarm.start });
    return make("details", { class: alarm.acknowledged ? "card seen" : "card", open: i === 0 },
      make("summary", {}, make("b", {}, "Alarm: "), make("bdi", {}, alarm.topic), `, ${day(alarm.start, seconds)}`),
      make("p", {}, alarm.sentence),
      make("ul", {}, ...alarm.headlines.map((headline) => make("li", {}, make("bdi", {}, headline)))),
      make("p", { class: "telling" }, "Telling words: ", ...(alarm.words.length ? alarm.words.map((word) => make("mark", {}, word)) : ["none"])), seen);
  }));
};

const table = () => value().topics.flatMap((row) => row.windows.map(([start, ...counts], i) => {
  const all = counts.reduce((a, b) => a + b), line = row.line[i];
  return [row.topic, start, all, ...counts, all ? (counts[0] / all).toFixed(4) : "", ...(line ? line.map((p) => p.toFixed(4)) : ["", "", ""])];
}));
const HEAD = ["topic", "start", "headlines", ...LABELS, "negative_share", "smoothed_share", "low", "high"];
const cell = (text) => (/^[=+@\-\t\r]/.test(text) ? `'${text}` : text);
const csv = (listed) => listed.map((row) => row.map((c) => `"${String(typeof c === "string" ? cell(c) : c).replaceAll('"', '""')}"`).join(",")).join("\r\n");
const saves = {
  "Windows as CSV": () => save("opinion.csv", "text/csv", csv([HEAD, ...table()])),
  "Alarms as CSV": () => save("alarms.csv", "text/csv", csv([["topic", "start", "count", "negative_share", "baseline", "p_value", "words", "headlines"],
    ...value().alarms.map((a) => [a.topic, a.start, a.count, a.negative_share, a.baseline, a.p_value, a.words.join(" "), a.headlines.join(" | ")])])),
  "Picture as SVG": () => save("opinion.svg", "image/svg+xml", drawing()),
};
tools.append("Save ", ...Object.entries(saves).map(([name, act]) => make("button", { type: "button", class: "quiet", onclick: act }, name)));

/** All rows in one SVG with its own colours, as they are on the page now. */
const drawing = () => {
  const look = getComputedStyle(root);
  const colour = (name) => look.getPropertyValue(name).trim();
  const pictures = [...rows.querySelectorAll("svg")];
  const whole = draw_("svg", { xmlns: SVG, width: WIDTH + 180, height: pictures.length * (HEIGHT + 12) });
  whole.append(draw_("style", {}, `text{font:13px sans-serif;fill:${colour("--ink")}} .negative{fill:${colour("--effect-down")}} .neutral{fill:${colour("--effect-none")}} `
    + `.positive{fill:${colour("--effect-up")}} .band{fill:${colour("--effect-down")};fill-opacity:.15} .share{fill:none;stroke:${colour("--effect-down")};stroke-width:2} .alarm{stroke:${colour("--ink")};stroke-width:2}`),
  draw_("rect", { width: "100%", height: "100%", fill: colour("--paper") }));
  pictures.forEach((svg, i) => {
    const group = draw_("g", { transform: `translate(170 ${i * (HEIGHT + 12)})` });
    group.append(...[...svg.cloneNode(true).childNodes]);
    whole.append(draw_("text", { x: 4, y: i * (HEIGHT + 12) + HEIGHT / 2 }, value().topics[i].topic), group);
  });
  return new XMLSerializer().serializeToString(whole);
};

twin.addEventListener("toggle", () => {
  twin.querySelector("table")?.remove();
  if (!twin.open) return;
  const line = (kind, cells) => make("tr", {}, ...cells.map((c) => make(kind, {}, String(c).replace("T00:00:00", ""))));
  twin.append(make("table", {}, make("thead", {}, line("th", HEAD.map((name) => name.replaceAll("_", " ")))),
    make("tbody", {}, ...table().filter((row) => row[2]).map((row) => line("td", row)))));
});

const draw = () => {
  root.classList.toggle("is-empty", !value().topics.length);
  sentence.textContent = value().sentence ?? "";
  drawRows();
  drawCards();
  twin.open = false;
};
watch("value", draw);
draw();
