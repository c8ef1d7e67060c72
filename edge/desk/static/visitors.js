// Visitors: steppers, the live picture of the camera at the window, and what is scanned goes to the visit that it means.
import { startPictures } from "./pictures.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  const field = button.parentElement.querySelector("input");
  const [least, most] = [Number(field.min), Number(field.max)];
  field.value = Math.min(most, Math.max(least, (Number(field.value) || least) + Number(button.dataset.step)));
});

for (const button of document.querySelectorAll("[data-step]")) button.hidden = false; // without this script the number is typed
if (document.querySelector("img[data-camera]")) startPictures();

document.addEventListener("scanned", (event) => {
  if (document.getElementById("taking")) event.preventDefault(); // what was typed is not lost for it; it is shown
  const form = document.getElementById("visit-scan");
  if (!form) return;
  event.preventDefault();
  form.elements.text.value = event.detail;
  form.requestSubmit();
});
