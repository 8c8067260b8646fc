/** Packaged models: sort, filter, and see how the champion moved. No library, nothing is fetched. */

/** @param {string} tag @param {object} [properties] @param {...(Node|string)} children */
function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** @param {unknown} value */
function written(value) {
  if (value === undefined || value === null) return "";
  if (typeof value !== "number") return String(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

/** @param {object} version @param {string} key */
function valueOf(version, key) {
  if (key.startsWith("metric:")) return version.metrics[key.slice(7)];
  return key === "aliases" ? version.aliases.join(", ") : version[key];
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el }) {
  let order = { key: "made", down: true };
  const filter = element("input", { type: "search", placeholder: "Filter", ariaLabel: "Filter versions" });
  const head = element("tr"), body = element("tbody"), detail = element("div", { className: "detail" });
  const table = element("table", {}, element("thead", {}, head), body);
  el.classList.add("dsml-models");
  el.replaceChildren(element("div", { className: "bar" }, filter), element("div", { className: "scroll" }, table), detail);

  function columns() {
    const metrics = model.get("table").metrics ?? [];
    return [["name", "Name"], ["version", "Version"], ["aliases", "Alias"], ["made", "Age"],
      ...metrics.map((name) => [`metric:${name}`, name]), ["proof", "Proof"], ["by", "By"]];
  }

  function sorted() {
    const words = filter.value.toLowerCase();
    const sign = order.down ? -1 : 1;
    return [...(model.get("table").versions ?? [])]
      .filter((version) => JSON.stringify(version).toLowerCase().includes(words))
      .sort((one, other) => {
        const [left, right] = [valueOf(one, order.key), valueOf(other, order.key)];
        if (left === undefined || right === undefined) return (left === undefined) - (right === undefined);
        return sign * (typeof left === "number" ? left - right : String(left).localeCompare(String(right)));
      });
  }

  function drawHead() {
    head.replaceChildren(...columns().map(([key, title]) => {
      const mark = order.key === key ? (order.down ? " ↓" : " ↑") : "";
      const button = element("button", { textContent: title + mark });
      button.addEventListener("click", () => {
        order = { key, down: order.key === key ? !order.down : true };
        draw();
      });
      const cell = element("th", {}, button);
      cell.ariaSort = order.key === key ? (order.down ? "descending" : "ascending") : "none";
      return cell;
    }));
  }

  function cellOf(version, key) {
    if (key === "aliases") {
      return element("td", {}, ...version.aliases.map((alias) => element("span", { className: `alias ${alias}`, textContent: alias })));
    }
    const value = key === "made" ? version.age : valueOf(version, key);
    return element("td", { textContent: written(value), className: typeof value === "number" ? "n" : key === "proof" ? "w" : "" });
  }

  function rowOf(version) {
    const reference = `${version.name}@${version.version}`;
    const row = element("tr", { tabIndex: 0 }, ...columns().map(([key]) => cellOf(version, key)));
    row.ariaSelected = String(reference === model.get("selected"));
    const choose = () => {
      model.set("selected", reference);
      model.save_changes();
    };
    row.addEventListener("click", choose);
    row.addEventListener("keydown", (event) => event.key === "Enter" && choose());
    return row;
  }

  function drawDetail() {
    const [name] = (model.get("selected") || "").split("@");
    const moves = (model.get("table").moves ?? {})[name] ?? [];
    const lines = moves.map((move) => element("li", { textContent: move }));
    const title = element("h4", { textContent: `How the champion of ${name} moved` });
    detail.replaceChildren(...(name ? [title, element("ol", {}, ...lines)] : []));
  }

  function draw() {
    drawHead();
    body.replaceChildren(...sorted().map(rowOf));
    drawDetail();
  }

  filter.addEventListener("input", draw);
  model.on("change:table", draw);
  model.on("change:selected", draw);
  draw();
  return () => {
    model.off("change:table", draw);
    model.off("change:selected", draw);
  };
}

export default { render };
