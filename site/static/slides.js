// Arrow keys, Page Up and Page Down lead from slide to slide; without this one can scroll.
const slides = [...document.querySelectorAll("section")];
const steps = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
const nearest = () => {
  const distances = slides.map((slide) => Math.abs(slide.getBoundingClientRect().top));
  return distances.indexOf(Math.min(...distances));
};
document.addEventListener("keydown", (event) => {
  const elsewhere = event.target.closest("button, input, select, a, [tabindex]");
  if (!(event.key in steps) || elsewhere || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  slides[nearest() + steps[event.key]]?.scrollIntoView();
});
