// Fetches a film's player and frames when the reader comes near it, and not before.
const fetchFilm = (box) => {
  const script = document.createElement("script");
  script.src = box.dataset.film;
  document.head.append(script);
};
const nearby = new IntersectionObserver(
  (entries) => {
    for (const entry of entries.filter((it) => it.isIntersecting)) {
      nearby.unobserve(entry.target);
      fetchFilm(entry.target);
    }
  },
  { rootMargin: "800px" },
);
document.querySelectorAll("[data-film]").forEach((box) => nearby.observe(box));
