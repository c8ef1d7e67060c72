// Live pictures: the next one is asked for when the last has come, and only while somebody can see it.
const PERIOD_MS = 500;
const RETRY_MS = 2000;

export function startPictures() {
  const seen = new Set();
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) seen[entry.isIntersecting ? "add" : "delete"](entry.target);
  });
  for (const image of document.querySelectorAll("img[data-camera]")) {
    watcher.observe(image);
    follow(image, seen);
  }
}

// A picture that is not there leaves its words alone, not a broken frame; a 204 is no picture either.
export function startCompared() {
  const settle = (event) => {
    if (event.target.matches?.(".compared img")) event.target.classList.toggle("none", event.type === "error");
  };
  for (const type of ["load", "error"]) document.addEventListener(type, settle, { capture: true });
  for (const image of document.querySelectorAll(".compared img")) image.classList.toggle("none", image.complete && !image.naturalWidth);
}

function follow(image, seen) {
  const address = `/cameras/${image.dataset.camera}.jpg`;
  let turn = 0;
  let waiting = 0;
  const next = () => {
    if (document.visibilityState === "visible" && seen.has(image)) image.src = `${address}?turn=${++turn}`;
    else waiting = setTimeout(next, PERIOD_MS);
  };
  const settle = (hasPicture) => {
    image.classList.toggle("none", !hasPicture);
    clearTimeout(waiting);
    waiting = setTimeout(next, hasPicture ? PERIOD_MS : RETRY_MS);
  };
  image.addEventListener("load", () => settle(true));
  image.addEventListener("error", () => settle(false));
  if (image.complete) settle(image.naturalWidth > 0);
}
