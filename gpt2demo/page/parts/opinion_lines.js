// Opinion over time: a row a topic with columns of headlines and a calm line, alarms as marks and as cards.
const { make, counted, table, saves, saveCsv, saveElementPng, saveElementSvg } = window.gpt2demo;
const root = element.querySelector(".opinion-lines");
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 720, HEIGHT = 64, FOOT = 2;
const LABELS = ["negative", "neutral", "positive"];

const shape = (tag, attributes, ...children) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};
const said = (text) => shape("title", {}, text);
const day = (iso, seconds) => new Date(`${iso}Z`).toLocaleString("en-GB", { timeZone: "UTC", day: "numeric", month: "short",
  year: "numeric", ...(seconds < 86400 ? { hour: "2-digit", minute: "2-digit" } : {}) });
const share = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : "–");
const value = () => props.value ?? { topics: [], alarms: [] };

const sentence = make("p", { class: "sentence", role: "status", "aria-live": "polite" });
const legend = make("p", { class: "legend" });
const rows = make("div", { class: "rows" });
const picture = make("div", { class: "picture" }, legend, rows);
const by = make("p", { class: "by" });
const cards = make("div", { class: "cards" });
const twin = make("details", { class: "twin" }, make("summary", {}, "The same as a table"));
const tools = make("p", { class: "tools" });
const latest = make("details", { class: "latest" }, make("summary", {}, "The latest headlines, with their label and how their topic is known"));
root.append(sentence, cards, picture, by, tools, twin, latest);

/** One topic's picture; x runs over the time of the whole stream, so that rows can be compared. */
const rowPicture = (row, at, highest, alarms, seconds) => {
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img",
    "aria-label": `${row.topic}: headlines over time` });
  const step = at.step, wide = Math.max(1, step * 0.8);
  row.windows.forEach(([start, ...counts]) => {
    let y = HEIGHT - FOOT;
    const column = shape("g", {}, said(`${day(start, seconds)}: ${LABELS.map((l, i) => `${counts[i]} ${l}`).join(", ")}`));
    counts.forEach((count, i) => {
      const high = (count / highest) * (HEIGHT - 8);
      y -= high;
      if (count) column.append(shape("rect", { class: LABELS[i], x: at(start), y, width: wide, height: high }));
    });
    svg.append(column);
  });
  const y = (p) => (HEIGHT - FOOT) * (1 - p) + 1;
  const runs = [[]];
  row.line.forEach((point, i) => (point ? runs[runs.length - 1].push([at(row.windows[i][0]) + step / 2, point]) : runs.push([])));
  for (const run of runs.filter((r) => r.length > 1)) {
    const upper = run.map(([x, p]) => `${x},${y(p[2])}`), lower = run.map(([x, p]) => `${x},${y(p[1])}`).reverse();
    svg.append(shape("polygon", { class: "band", points: [...upper, ...lower].join(" ") }),
      shape("polyline", { class: "share", points: run.map(([x, p]) => `${x},${y(p[0])}`).join(" ") }));
  }
  for (const alarm of alarms) {
    const x = at(alarm.start) + step / 2;
    svg.append(shape("line", { class: "alarm", x1: x, x2: x, y1: 0, y2: HEIGHT }, said(alarm.sentence)));
  }
  return svg;
};

/** Five moments from the first to the last, evenly apart, each the beginning of a day. */
const ticks = (first, last) => [0, 0.25, 0.5, 0.75, 1].map((part) => {
  const at = new Date(Date.parse(`${first}Z`) + part * (Date.parse(`${last}Z`) - Date.parse(`${first}Z`)));
  return `${at.toISOString().slice(0, 10)}T00:00:00`;
}).filter((tick, i, all) => tick !== all[i - 1]);

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
      make("small", {}, `${counted(all, "headline")}, ${share(totals[0], all)} negative`,
        row.guessed ? make("span", { class: "guessed" }, `${row.guessed.toLocaleString("en")} by the model, uncertain`) : ""),
      its.length ? make("b", {}, its.length === 1 ? "1 alarm" : `${its.length} alarms`) : ""),
    rowPicture(row, at, highest, its, seconds));
  }), ...(topics.length ? [make("div", { class: "axis" }, ...ticks(first, last).map((tick) => make("span", {}, day(tick, seconds))))] : []));
  legend.replaceChildren(...(topics.length ? [...LABELS.map((label) => make("span", {}, make("i", { class: `swatch ${label}` }), label === "neutral" ? "neutral or unclear" : label)),
    make("span", {}, make("i", { class: "swatch line" }), `share of negative over ${value().smoothed}, 0 to 100 %, with its 95 % band`),
    make("span", {}, make("i", { class: "swatch alarm" }), "alarm"),
    make("span", {}, `a column is ${value().unit}, the highest has ${counted(highest, "headline")}`)] : []));
};

const drawCards = () => {
  const { alarms, seconds } = value();
  cards.replaceChildren(...[...alarms].reverse().map((alarm, i) => {
    const seen = make("button", { type: "button", class: "quiet", disabled: alarm.acknowledged }, alarm.acknowledged ? "Seen" : "Mark as seen");
    seen.onclick = () => trigger("acknowledge", { topic: alarm.topic, start: alarm.start });
    return make("details", { class: alarm.acknowledged ? "card seen" : "card", open: i === 0 },
      make("summary", {}, make("b", {}, "Alarm: "), make("bdi", {}, alarm.topic), `, ${day(alarm.start, seconds)}`),
      make("p", {}, alarm.sentence),
      make("ul", {}, ...alarm.headlines.map((headline, k) => make("li", {}, make("bdi", {}, headline), alarm.guessed[k] ? make("small", {}, " topic by the model, uncertain") : ""))),
      make("p", { class: "telling" }, "Telling words: ", ...(alarm.words.length ? alarm.words.map((word) => make("mark", {}, word)) : ["none"])), seen);
  }));
};

const list = () => value().topics.flatMap((row) => row.windows.map(([start, ...counts], i) => {
  const all = counts.reduce((a, b) => a + b), line = row.line[i];
  return [row.topic, start, all, ...counts, all ? Number((counts[0] / all).toFixed(4)) : "", ...(line ? line.map((p) => Number(p.toFixed(4))) : ["", "", ""])];
}));
const HEAD = ["topic", "start", "headlines", ...LABELS, "negative_share", "smoothed_share", "low", "high"];
const ALARM = ["topic", "start", "count", "negative_share", "baseline", "p_value", "acknowledged", "words", "headlines"];
const alarmList = () => value().alarms.map((a) => [...ALARM.slice(0, 7).map((name) => (name === "acknowledged" ? (a[name] ? "yes" : "no") : a[name])), a.words.join(" "), a.headlines.join(" | ")]);
const TITLE = "Opinion over time";
tools.append(saves({
  PNG: () => saveElementPng("opinion", picture, TITLE, sentence.textContent),
  SVG: () => saveElementSvg("opinion", picture, TITLE, sentence.textContent),
  "CSV of the windows": () => saveCsv("opinion", [HEAD, ...list()]),
  "CSV of the alarms": () => saveCsv("alarms", [ALARM, ...alarmList()]),
}));

const HEADLINE = ["date", "headline", "label", "probability", "topics", "known"].map((name) => ({ name }));
const headlines = table({ caption: "The latest headlines", file: "headlines", columns: HEADLINE, filter: "e.g. negative, energy", most: 20 });
latest.append(headlines.element);

twin.addEventListener("toggle", () => {
  twin.querySelector("table")?.remove();
  if (!twin.open) return;
  const line = (kind, cells) => make("tr", {}, ...cells.map((c) => make(kind, {}, String(c).replace("T00:00:00", ""))));
  twin.append(make("table", {}, make("thead", {}, line("th", HEAD.map((name) => name.replaceAll("_", " ")))),
    make("tbody", {}, ...list().filter((row) => row[2]).map((row) => line("td", row)))));
});

const draw = () => {
  const { topics, headlines: listed = [] } = value();
  root.classList.toggle("is-empty", !topics.length);
  sentence.textContent = value().sentence ?? "";
  by.textContent = value().by ?? "";
  latest.hidden = !listed.length;
  if (listed.length) headlines.show(listed.map(([moment, ...rest]) => [moment.replace("T00:00:00", "").replace("T", " "), ...rest]));
  drawRows();
  drawCards();
  twin.open = false;
};
watch("value", draw);
draw();
