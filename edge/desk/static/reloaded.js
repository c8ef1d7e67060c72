// A page that is loaded anew in the middle of a form gets back what was typed. This tab alone keeps it, until its next page.
import { begunFields } from "./begun.js";

const TYPED = "typed";

const nameOf = (field) =>
  [field.form.getAttribute("action"), field.name, /^(radio|checkbox)$/.test(field.type) ? field.value : ""].join(" ");

function keep() {
  const fields = begunFields().filter((field) => field.name && !/^(password|file)$/.test(field.type));
  if (!fields.length) return;
  const typed = fields.map((field) => [nameOf(field), field.value, field.checked ?? false]);
  sessionStorage.setItem(TYPED, JSON.stringify({ path: location.pathname, typed }));
}

function putBack({ path, typed }) {
  if (path !== location.pathname) return;
  const fields = [...document.querySelectorAll("main form[method=post] :is(input, select, textarea)")];
  for (const [name, value, checked] of typed) {
    const field = fields.find((one) => nameOf(one) === name);
    if (!field) continue;
    if (/^(radio|checkbox)$/.test(field.type)) field.checked = checked;
    else field.value = value;
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  }
}

export function startReloaded() {
  const kept = sessionStorage.getItem(TYPED);
  sessionStorage.removeItem(TYPED);
  const [navigation] = performance.getEntriesByType("navigation");
  if (kept && navigation?.type === "reload") putBack(JSON.parse(kept));
  addEventListener("pagehide", keep);
}
