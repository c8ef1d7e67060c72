// Visitors: steppers, the search field by its letter, and what is scanned goes to the visit that it means.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  const field = button.parentElement.querySelector("input");
  const [least, most] = [Number(field.min), Number(field.max)];
  field.value = Math.min(most, Math.max(least, (Number(field.value) || least) + Number(button.dataset.step)));
});

for (const hint of document.querySelectorAll("kbd[data-for]")) {
  // A letter alone goes to the field: the hint stands on the button beside it.
  hint.dataset.pageKey = hint.textContent;
  hint.addEventListener("click", (event) => {
    event.preventDefault();
    const field = document.getElementById(hint.dataset.for);
    field.focus();
    field.select();
  });
}

document.addEventListener("scanned", (event) => {
  if (document.getElementById("taking")) event.preventDefault(); // what was typed is not lost for it; it is shown
  const form = document.getElementById("visit-scan");
  if (!form) return;
  event.preventDefault();
  form.elements.text.value = event.detail;
  form.requestSubmit();
});
