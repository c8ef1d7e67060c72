// The way back to a form that was done: the browser fills it in again, under a new id. As long as nobody has touched it, pressing
// it once more is the same press; else it is an act of its own. What a page has sent stands in the history beside it.
import { newId } from "./ids.js";

const DONE_MAX = 50;
const DONE = "done"; // the ids of what was done, of this tab
const SENT = "sent"; // the id of what was sent last
const touched = new WeakSet();

const doneIds = () => JSON.parse(sessionStorage.getItem(DONE) ?? "[]");

function remember(event) {
  const [form, button] = [event.target, event.submitter];
  const request = form.elements.request;
  if (event.defaultPrevented || form.method !== "post" || !request) return;
  const sent = history.state?.sent ?? {};
  const pressed = [button?.getAttribute("formaction") ?? form.getAttribute("action"), button?.name, button?.value].join(" ");
  const done = doneIds();
  if (done.includes(sent[pressed]) && !touched.has(form)) request.value = sent[pressed];
  else if (done.includes(request.value)) request.value = newId();
  history.replaceState({ ...history.state, sent: { ...sent, [pressed]: request.value } }, "");
  sessionStorage.setItem(SENT, request.value);
}

// The page that tells of it bears its id in its address.
function noteDone() {
  const sent = sessionStorage.getItem(SENT);
  if (!sent || !location.href.includes(sent) || !document.querySelector("main .grant")) return;
  sessionStorage.setItem(DONE, JSON.stringify([...doneIds().filter((id) => id !== sent), sent].slice(-DONE_MAX)));
}

function touch(event) {
  const control = event.type === "click" ? event.target.closest("button[type=button]") : event.target;
  if (control?.form) touched.add(control.form);
}

export function startSent() {
  noteDone();
  document.addEventListener("submit", remember);
  for (const type of ["input", "click"]) document.addEventListener(type, touch);
  document.addEventListener("scanned", () => [...document.forms].forEach((form) => touched.add(form)), { capture: true });
}
