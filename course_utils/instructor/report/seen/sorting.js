// A button in a column's head sorts the table by that column: upwards, then downwards.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const rows = head.closest("table").tBodies[0];
    const down = head.getAttribute("aria-sort") === "ascending";
    const value = (row) => {
      const cell = row.cells[head.cellIndex];
      return cell.dataset.order ?? cell.textContent.trim();
    };
    const sorted = [...rows.rows].sort((a, b) =>
      value(a).localeCompare(value(b), undefined, { numeric: true }));
    const number = (row) => Number(value(row));
    if (sorted.every((row) => !Number.isNaN(number(row)))) {
      sorted.sort((a, b) => number(a) - number(b));
    }
    rows.append(...(down ? sorted.reverse() : sorted));
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  });
}
