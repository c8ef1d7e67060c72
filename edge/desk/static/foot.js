// The moment of a press, what was scanned, and the end of what can be taken back.
import { serverMono } from "./live.js";

const UNDO_MS = 5000;

function endUndo() {
  const form = document.querySelector("[data-until]");
  if (form) setTimeout(() => form.isConnected && form.querySelector("button").remove(), UNDO_MS);
}

document.addEventListener("submit", (event) => stamp(event.target), { capture: true });
document.addEventListener("htmx:configRequest", (event) => (event.detail.parameters.pressed = serverMono()));
document.addEventListener("htmx:afterSettle", endUndo);
document.addEventListener("click", (event) => event.target.matches("input[data-page-key]") && event.target.focus());
document.addEventListener("scanned", (event) => {
  const field = document.querySelector("[data-takes-scan]");
  if (!field || !/^[0-9A-F,]{4,32}$/i.test(event.detail)) return; // the booth finds out what else it is
  event.preventDefault();
  field.value = event.detail;
  field.form.requestSubmit();
});

function stamp(form) {
  const pressed = form.elements.pressed;
  if (pressed) pressed.value = serverMono();
}

endUndo();
