// Runs: a table to sort and filter, parallel coordinates, a metric against a parameter. State lives in Python.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element; text is text, never markup. */
function make(name, attributes = {}, ...children) {
  const node = ["svg", "g", "path", "line", "circle", "text", "title"].includes(name)
    ? document.createElementNS(SVG, name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

function shown(value) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "number") return String(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
}

/** The columns: run facts, then metrics and parameters that differ. */
function columnsOf(runs) {
  const columns = [
    { name: "name", of: (run) => run.name },
    { name: "state", of: (run) => run.state },
    { name: "started", of: (run) => run.started.slice(0, 16).replace("T", " ") },
    { name: "seconds", of: (run) => run.seconds, number: true },
  ];
  for (const kind of ["metrics", "params"]) {
    const names = new Set(runs.flatMap((run) => Object.keys(run[kind])));
    for (const name of names) {
      if (name.startsWith("dsml.")) continue;
      const of = (run) => numeric(run[kind][name]);
      const values = runs.map(of);
      if (kind === "params" && runs.length > 1 && new Set(values).size < 2) continue;
      const present = values.filter((value) => value !== undefined);
      columns.push({ name, kind, of, number: present.length > 0 && present.every((v) => typeof v === "number") });
    }
  }
  return columns;
}

function numeric(value) {
  if (value === undefined || value === "" || typeof value === "number") return value === "" ? undefined : value;
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}

function compare(one, two) {
  if (one === two) return 0;
  if (one === undefined || one === null) return 1;
  if (two === undefined || two === null) return -1;
  if (typeof one === "number" && typeof two === "number") return one - two;
  return String(one).localeCompare(String(two));
}

/** Places of a column's values between 0 and 1: numbers by value, words by order. */
function scaleOf(column, runs) {
  const values = runs.map(column.of).filter((value) => value !== undefined && value !== null);
  if (column.number) {
    const low = Math.min(...values), high = Math.max(...values);
    return { at: (v) => (high > low ? (v - low) / (high - low) : 0.5), low: shown(low), high: shown(high) };
  }
  const words = [...new Set(values.map(String))].sort();
  return { at: (v) => (words.length > 1 ? words.indexOf(String(v)) / (words.length - 1) : 0.5), low: words[0], high: words.at(-1) };
}

function render({ model, el }) {
  const runs = model.get("table").runs ?? [];
  const columns = columnsOf(runs);
  const axes = columns.filter((column) => column.kind).slice(0, 8);
  let order = { column: null, down: false };
  let word = "";
  const root = make("div", { class: "dsml-w" });
  const body = make("tbody");
  const plots = make("div", { class: "plots" });
  const count = make("span", { role: "status" });
  el.replaceChildren(root);

  const isOn = (run) => model.get("selected").includes(run.id);
  function toggle(run) {
    const before = model.get("selected");
    model.set("selected", isOn(run) ? before.filter((id) => id !== run.id) : [...before, run.id]);
    model.save_changes();
  }
  const press = (run) => (event) => {
    if (event.type === "click" || event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      toggle(run);
    }
  };

  function visible() {
    const kept = runs.filter((run) => columns.some((column) => shown(column.of(run)).toLowerCase().includes(word)));
    if (order.column) kept.sort((a, b) => compare(order.column.of(a), order.column.of(b)) * (order.down ? -1 : 1));
    return kept;
  }

  function heads() {
    return make("tr", {}, ...columns.map((column) => {
      const on = order.column === column;
      const sort = () => { order = { column, down: on && !order.down }; draw(); };
      return make("th", { scope: "col", class: column.number ? "n" : "", "aria-sort": on ? (order.down ? "descending" : "ascending") : "none" },
        make("button", { type: "button", onclick: sort }, column.name + (on ? (order.down ? " ↓" : " ↑") : "")));
    }));
  }

  function row(run) {
    return make("tr", { class: isOn(run) ? "on" : "", tabindex: "0", "aria-selected": String(isOn(run)), onclick: press(run), onkeydown: press(run) },
      ...columns.map((column) => make("td", { class: column.number ? "n" : "" }, shown(column.of(run)))));
  }

  function parallel(kept) {
    if (axes.length < 2) return null;
    const width = 640, height = 240, step = (width - 120) / (axes.length - 1);
    const scales = axes.map((axis) => scaleOf(axis, runs));
    const x = (n) => 60 + n * step, y = (share) => height - 40 - share * (height - 80);
    const lines = [...kept].sort((a, b) => isOn(a) - isOn(b)).map((run) => {
      const points = axes.map((axis, n) => [n, axis.of(run)]).filter(([, v]) => v !== undefined && v !== null);
      const d = points.map(([n, v], i) => `${i ? "L" : "M"}${x(n)} ${y(scales[n].at(v))}`).join("");
      return make("path", { d, class: isOn(run) ? "run on" : "run", onclick: press(run) }, make("title", {}, run.name));
    });
    return make("figure", { style: "margin:0" }, make("h4", {}, "Parallel coordinates"),
      make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Parallel coordinates of ${kept.length} runs` },
        ...axes.flatMap((axis, n) => [
          make("line", { x1: x(n), x2: x(n), y1: 40, y2: height - 40, class: "axis" }),
          make("text", { x: x(n), y: 14, "text-anchor": "middle" }, clipped(axis.name, 16)),
          make("text", { x: x(n), y: 32, "text-anchor": "middle" }, clipped(scales[n].high ?? "", 12)),
          make("text", { x: x(n), y: height - 22, "text-anchor": "middle" }, clipped(scales[n].low ?? "", 12)),
        ]), ...lines));
  }

  const choice = { x: columns.find((c) => c.kind === "params"), y: columns.find((c) => c.kind === "metrics") };
  function scatter(kept) {
    if (!choice.x || !choice.y) return null;
    const width = 640, height = 240;
    const across = scaleOf(choice.x, runs), up = scaleOf(choice.y, runs);
    const pick = (key, kind) => make("select", { "aria-label": `${key} axis`, onchange: (event) => { choice[key] = columns[Number(event.target.value)]; draw(); } },
      ...columns.map((column, n) => [column, n]).filter(([column]) => column.kind === kind).map(([column, n]) => {
        const option = make("option", { value: n }, column.name);
        option.selected = column === choice[key];
        return option;
      }));
    const dots = kept.filter((run) => [choice.x, choice.y].every((c) => c.of(run) !== undefined && c.of(run) !== null)).map((run) =>
      make("circle", { cx: 70 + across.at(choice.x.of(run)) * (width - 110), cy: height - 40 - up.at(choice.y.of(run)) * (height - 70), r: 4.5, class: isOn(run) ? "dot on" : "dot", onclick: press(run) },
        make("title", {}, `${run.name}: ${shown(choice.x.of(run))}, ${shown(choice.y.of(run))}`)));
    return make("figure", { style: "margin:0" }, make("h4", {}, pick("y", "metrics"), " against ", pick("x", "params")),
      make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${choice.y.name} against ${choice.x.name} of ${dots.length} runs` },
        make("line", { x1: 60, x2: 60, y1: 20, y2: height - 30, class: "axis" }), make("line", { x1: 60, x2: width - 30, y1: height - 30, y2: height - 30, class: "axis" }),
        make("text", { x: 54, y: 34, "text-anchor": "end" }, up.high ?? ""), make("text", { x: 54, y: height - 36, "text-anchor": "end" }, up.low ?? ""),
        make("text", { x: 70, y: height - 12 }, clipped(across.low ?? "", 30)), make("text", { x: width - 36, y: height - 12, "text-anchor": "end" }, clipped(across.high ?? "", 30)), ...dots));
  }

  const head = make("thead");
  function draw() {
    const kept = visible();
    head.replaceChildren(heads());
    body.replaceChildren(...kept.map(row));
    plots.replaceChildren(...[parallel(kept), scatter(kept)].filter(Boolean));
    count.textContent = `${kept.length} of ${runs.length} runs, ${model.get("selected").length} selected`;
  }

  const filter = make("input", { type: "search", placeholder: "filter", "aria-label": "filter runs", oninput: (event) => { word = event.target.value.toLowerCase(); draw(); } });
  root.append(make("div", { class: "bar" }, filter, count), make("div", { class: "scroll" }, make("table", {}, head, body)), plots);
  model.on("change:selected", draw);
  model.on("change:table", () => render({ model, el }));
  draw();
  return () => model.off("change:selected", draw);
}

function clipped(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

export default { render };
