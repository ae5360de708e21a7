"use strict";
// Tables are sorted by a click on the head of a column; a class is highlighted wherever it is shown.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  const given = [...body.rows];
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const old = head.getAttribute("aria-sort");
      const isNumber = head.classList.contains("number");
      const order = isNumber ? ["descending", "ascending"] : ["ascending", "descending"];
      const next = order[old === null ? 0 : order.indexOf(old) + 1];
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      const rows = [...given];
      if (next) {
        head.setAttribute("aria-sort", next);
        const sign = next === "ascending" ? 1 : -1;
        const key = (row) => {
          const cell = row.cells[column];
          return isNumber ? parseFloat(cell.dataset.value) : cell.textContent;
        };
        const compare = (a, b) => {
          const [x, y] = [key(a), key(b)];
          if (!isNumber) return sign * x.localeCompare(y, undefined, { numeric: true });
          if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
          return sign * (x - y);
        };
        rows.sort(compare);
      }
      body.append(...rows);
    });
  });
}
const style = document.createElement("style");
document.head.append(style);
let kept = null;
const show = (value) => {
  for (const row of document.querySelectorAll("[data-class]")) {
    row.classList.toggle("hot", value !== null && row.dataset.class === value);
  }
  style.textContent =
    value === null ? "" : `.map .points > g:not(.k${value}) { opacity: 0.1; } .map text:not(.n${value}) { opacity: 0.3; }`;
};
for (const row of document.querySelectorAll("[data-class]")) {
  const value = row.dataset.class;
  row.addEventListener("mouseenter", () => show(value));
  row.addEventListener("mouseleave", () => show(kept));
  if (row.tagName !== "LI") continue;
  row.tabIndex = 0;
  const pick = () => {
    kept = kept === value ? null : value;
    show(kept);
    for (const other of document.querySelectorAll("li[data-class]")) {
      other.classList.toggle("kept", other.dataset.class === kept);
    }
  };
  row.addEventListener("click", pick);
  row.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    pick();
  });
}
addEventListener("keydown", (event) => {
  if (event.key === "Escape") show((kept = null));
});
