// A tag that is scanned on a round goes into its field and is sent; a form is sent once; a sheet is printed.
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
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[inert]")) form.inert = false;
});
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
