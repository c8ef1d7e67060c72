// Steppers, and the moment of the press; without it the fields are typed into.
import { serverMono } from "./live.js";

const numberOf = (text) => Number(text.trim().replace(",", ".")) || 0;

function step(input, by) {
  const left = numberOf(input.dataset.left);
  const next = Math.min(left, Math.max(0, numberOf(input.value) + by));
  input.value = String(Math.round(next * 1000) / 1000);
  count();
}

function count() {
  const fields = [...document.querySelectorAll(".stepper input")];
  const chosen = fields.filter((field) => numberOf(field.value) > 0);
  const output = document.querySelector(".counted");
  if (output) output.textContent = chosen.map((field) => `${field.dataset.item} ×${field.value}`).join(" · ");
}

function show() {
  for (const button of document.querySelectorAll(".stepper [hidden]")) button.hidden = false;
  count();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".stepper button");
  if (!button) return;
  const input = button.parentElement.querySelector("input");
  step(input, "all" in button.dataset ? numberOf(input.dataset.left) : Number(button.dataset.step));
});
document.addEventListener("input", (event) => {
  if (event.target.matches(".stepper input")) count();
  if (event.target.matches(".plate-typed input[name=plate]")) event.target.parentElement.querySelector("[type=radio]").checked = true;
});
document.addEventListener("submit", (event) => {
  const pressed = event.target.elements.pressed;
  if (pressed) pressed.value = serverMono();
});
document.addEventListener("htmx:afterSettle", show);

// A picture is there a moment after it was asked for; one that never comes leaves its frame empty, not broken.
const TRIES_MAX = 5;
const TRY_AGAIN_MS = 1000;

function fetchAgain(image) {
  const tries = Number(image.dataset.tries ?? 0);
  image.classList.add("none");
  if (tries === TRIES_MAX) return;
  image.dataset.tries = tries + 1;
  setTimeout(() => (image.src = `${image.src.split("?")[0]}?try=${tries + 1}`), TRY_AGAIN_MS);
}

const isTaken = (element) => element.matches?.(".taken img");
document.addEventListener("error", (event) => isTaken(event.target) && fetchAgain(event.target), { capture: true });
document.addEventListener("load", (event) => isTaken(event.target) && event.target.classList.remove("none"), { capture: true });
for (const image of document.querySelectorAll(".taken img")) if (image.complete && !image.naturalWidth) fetchAgain(image);
// The key of a field gives it the focus.
document.addEventListener("click", (event) => event.target.matches("input[data-page-key]") && event.target.focus());
show();
