// Keys: Ctrl and Enter give the mark; Alt and a digit fill in one that was used before.
const form = document.querySelector("form");
const fill = (button) => {
  form.points.value = button.dataset.points;
  form.comment.value = button.dataset.comment;
  form.querySelector("[type=submit]").focus();
};
const buttons = [...document.querySelectorAll("button[data-points]")];
for (const button of buttons) button.addEventListener("click", () => fill(button));
document.addEventListener("keydown", (event) => {
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  if (event.altKey && digit && buttons[digit[1] - 1]) {
    event.preventDefault();
    fill(buttons[digit[1] - 1]);
  }
  if (form && event.ctrlKey && event.key === "Enter") form.requestSubmit();
});
