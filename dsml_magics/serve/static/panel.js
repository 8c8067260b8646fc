/** Shows a server that runs beside the kernel. State lives in Python; what the user does goes there as plain values. */

/** @param {string} tag @param {object} [properties] @param {...(Node|string)} children */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Read a field as the value its column takes. */
function valueOf(input) {
  if (input.tagName === "SELECT") return JSON.parse(input.value);
  const text = input.value.trim();
  if (text === "") return null;
  const isNumber = ["integer", "number"].includes(input.dataset.type) && Number.isFinite(Number(text));
  return isNumber ? Number(text) : input.value;
}

/** One field of the form. */
function fieldOf(field) {
  const choices = field.categories ?? (field.type === "boolean" ? [true, false] : null);
  let input;
  if (choices) {
    input = make("select");
    for (const value of choices) input.append(make("option", { value: JSON.stringify(value), textContent: String(value) }));
    if (field.nullable) input.append(make("option", { value: "null", textContent: "(nothing)" }));
  } else {
    input = make("input", { value: String(field.value) });
    input.dataset.type = field.type;
  }
  input.name = field.name;
  return make("label", { title: field.expected }, field.name, input, make("small", { textContent: field.expected }));
}

function render({ model, el }) {
  const head = make("div", { className: "head" });
  const facts = make("dl");
  const output = make("output");
  const predict = make("button", { type: "submit", textContent: "Predict" });
  const form = make("form", {}, ...model.get("fields").map(fieldOf), make("div", { className: "go" }, predict, output));
  const stop = make("button", { type: "button", className: "stop", textContent: "Stop the server" });
  el.classList.add("dsml-serving");
  el.append(head, facts, model.get("fields").length ? make("details", { open: true }, make("summary", { textContent: "Try a row" }), form) : "");

  const show = () => {
    const state = model.get("state");
    const name = state.version === null ? state.name : `${state.name} ${state.version}`;
    const mood = !state.running ? "stopped" : state.ready ? "ready" : "loading";
    const link = make("a", { href: `${state.url}/docs`, target: "_blank", rel: "noopener", textContent: state.url });
    head.replaceChildren(
      make("strong", { textContent: name }), make("span", { className: `mood ${mood}`, textContent: mood }), link, stop,
    );
    const ms = (value) => (value === undefined ? "–" : `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`);
    const rows = [
      ["requests", state.requests.toLocaleString("en")], ["rows", state.rows.toLocaleString("en")],
      ["median", ms(state.p50_ms)], ["99 of 100 within", ms(state.p99_ms)], ["contract broken", state.violations.toLocaleString("en")],
    ];
    facts.replaceChildren(...rows.map(([term, value]) => make("div", {}, make("dt", { textContent: term }), make("dd", { textContent: value }))));
    stop.disabled = predict.disabled = !state.running;
  };
  const answer = () => {
    const answered = model.get("answered");
    if (answered.number === undefined) return;
    output.className = "message" in answered ? "bad" : "";
    output.textContent = "message" in answered ? answered.message : JSON.stringify(answered.prediction);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const row = {};
    for (const input of form.elements) if (input.name) row[input.name] = valueOf(input);
    output.className = "";
    output.textContent = "…";
    model.set("asked", { number: (model.get("asked").number ?? 0) + 1, row });
    model.save_changes();
  });
  stop.addEventListener("click", () => {
    model.set("stopping", true);
    model.save_changes();
  });
  model.on("change:state", show);
  model.on("change:answered", answer);
  show();
  answer();
  return () => {
    model.off("change:state", show);
    model.off("change:answered", answer);
  };
}

export default { render };
