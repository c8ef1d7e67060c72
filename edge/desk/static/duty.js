// A tag that is scanned on a round goes into its field and is sent; a form is sent once.
document.addEventListener("scanned", (event) => {
  const form = document.querySelector("form[data-scan]");
  if (!form || form.inert) return;
  event.preventDefault();
  form.elements[form.dataset.scan].value = event.detail;
  form.requestSubmit();
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest(".duty, .handover") || form.method !== "post") return;
  if (form.inert) event.preventDefault(); // a double click is one press; the request id would make it one anyway
  form.inert = true;
});
// The letter of a field leads into it.
document.addEventListener("click", (event) => event.target.matches("textarea[data-page-key]") && event.target.focus());
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[inert]")) form.inert = false;
});
