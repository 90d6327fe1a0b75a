// A table in the page's own elements: a click on a heading sorts it, a field filters it, a row can be opened.
"use strict";
Object.assign(window.gpt2demo, (() => {
  const { make, counted, saveCsv, quiet } = window.gpt2demo;

  /**
   * @param {{caption: string, file: string, columns: {name: string, about?: string, text?: (value: *) => (string|Node)}[],
   *   filter?: string, most?: number, open?: (row: Array) => void}} options  `filter`: the words in its field;
   *   `most`: the rows shown at a time; `open`: what a click on a row does
   * @returns {{element: HTMLElement, show: (rows: Array[]) => void, choose: (test: (row: Array) => boolean) => void}}
   */
  const table = ({ caption, file, columns, filter, most = 40, open }) => {
    let rows = [], sorted = -1, down = true, shown = most, chosen = () => false;
    const field = filter ? make("input", { type: "search", class: "filter", placeholder: filter, "aria-label": filter }) : null;
    const count = make("span", { class: "count", role: "status" });
    const more = quiet("Show more", () => { shown += 10 * most; draw(); });
    const heads = columns.map((column, i) => make("th", { scope: "col", title: column.about },
      make("button", { type: "button", onclick: () => sort(i) }, column.name)));
    const body = make("tbody");
    const grid = make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, ...heads)), body);
    const element = make("div", { class: "data-table" },
      make("p", { class: "table-tools" }, field, count, quiet("CSV", () => saveCsv(file, [columns.map((c) => c.name), ...matching()]), { "data-kind": "CSV" })),
      make("div", { class: "table-frame" }, grid), more);

    /** "layer 5, head 3": every phrase must stand in the row; a number must stand there whole. */
    const wanted = () => (field?.value ?? "").toLowerCase().split(",").map((phrase) => phrase.trim()).filter(Boolean);
    const matching = () => {
      const phrases = wanted().map((phrase) => (/\d$/.test(phrase) ? `${phrase};` : phrase));
      const found = rows.filter((row) => {
        const text = row.map((value, i) => `${columns[i].name} ${value};`).join(" ").toLowerCase();
        return phrases.every((phrase) => text.includes(phrase));
      });
      if (sorted < 0) return found;
      const order = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en"));
      return found.sort((a, b) => (down ? -1 : 1) * order(a[sorted], b[sorted]));
    };
    const line = (row) => {
      const node = make("tr", { class: open ? "can-open" : null, "aria-selected": chosen(row) ? "true" : null },
        ...row.map((value, i) => make("td", { class: typeof value === "number" ? "number" : null },
          i === 0 && open ? make("button", { type: "button", class: "open", "aria-label": `Open ${columns.slice(0, 2).map((c, k) => `${c.name} ${row[k]}`).join(", ")}` }, columns[i].text?.(value) ?? String(value)) : columns[i].text?.(value) ?? String(value))));
      if (open) node.onclick = () => open(row);
      return node;
    };
    const draw = () => {
      const found = matching();
      heads.forEach((th, i) => th.setAttribute("aria-sort", i !== sorted ? "none" : down ? "descending" : "ascending"));
      body.replaceChildren(...found.slice(0, shown).map(line));
      count.textContent = found.length === rows.length ? counted(rows.length, "row") : `${found.length.toLocaleString("en")} of ${counted(rows.length, "row")}`;
      more.hidden = found.length <= shown;
    };
    const sort = (i, falling) => {
      down = falling ?? (sorted === i ? !down : typeof rows[0]?.[i] === "number");
      sorted = i;
      draw();
    };
    if (field) field.oninput = () => { shown = most; draw(); };
    return {
      element,
      show: (values) => { rows = values.slice(); draw(); },
      sort,
      choose: (test) => { chosen = test; draw(); },
    };
  };

  /** A picture's numbers, "The same as a table", folded until asked for; `list` gives the rows of the moment. */
  const twinOf = (options, list) => {
    const rows = table({ most: 30, ...options });
    const fresh = () => { if (element.open) rows.show(list()); };
    const element = make("details", { class: "twin", ontoggle: fresh }, make("summary", {}, "The same as a table"), rows.element);
    return { element, fresh };
  };
  return { table, twinOf };
})());
