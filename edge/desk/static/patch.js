// Puts a part's new HTML in its place. Lists are matched by key, so that what a finger or the focus is on stays where it is.
const GONE_MS = 4000;
const GONE_MAX = 4; // in a rush the oldest go sooner
const known = new WeakMap(); // element of a list -> the HTML it was made from

export function patch(element, html) {
  if (!element) return;
  const template = document.createElement("template");
  template.innerHTML = html;
  if (element.dataset.list) reconcile(element, [...template.content.children]);
  else {
    const focused = focusedIn(element);
    element.replaceChildren(template.content);
    focusAgain(focused, element);
  }
}

const focusedIn = (element) => (element.contains(document.activeElement) ? document.activeElement : null);

// The focus goes to the same link or button of what is new.
function focusAgain(focused, fresh) {
  const isSame = (one) => ["data-keys", "href", "name", "value"].every((name) => one.getAttribute(name) === focused.getAttribute(name));
  const byKeys = focused?.dataset.keys && fresh.querySelector(`[data-keys="${CSS.escape(focused.dataset.keys)}"]`);
  const again = byKeys || (focused && [...fresh.querySelectorAll(focused.tagName)].find(isSame));
  again?.focus({ preventScroll: true });
}

function reconcile(list, wanted) {
  const present = new Map([...list.children].map((item) => [item.dataset.key, item]));
  const keys = new Set(wanted.map((item) => item.dataset.key));
  for (const [key, item] of present) if (!keys.has(key)) leave(list, item);
  let place = list.firstElementChild;
  for (const fresh of wanted) {
    const html = fresh.outerHTML;
    known.set(fresh, html);
    const item = present.get(fresh.dataset.key);
    while (place?.classList.contains("gone") && place !== item) place = place.nextElementSibling;
    if (!item) list.insertBefore(fresh, place);
    else {
      if (item === place) place = place.nextElementSibling;
      else list.insertBefore(item, place);
      if (known.get(item) !== html || item.inert) exchange(item, fresh);
    }
  }
}

// A menu that was opened stays open.
function exchange(item, fresh) {
  const focused = focusedIn(item);
  const menu = item.querySelector("details[open]") && fresh.querySelector("details");
  if (menu) menu.open = true;
  item.replaceWith(fresh);
  focusAgain(focused, fresh);
}

// What was settled stays for a moment, dimmed and dead, so that nothing moves up under a finger.
function leave(list, item) {
  if (list.dataset.list !== "keep" || item.classList.contains("nobody")) item.remove();
  else if (!item.classList.contains("gone")) {
    item.classList.add("gone");
    item.inert = true;
    item.dataset.gone = performance.now();
    const gone = list.getElementsByClassName("gone");
    if (gone.length > GONE_MAX) gone[0].remove();
  }
}

export function sweep() {
  for (const item of document.querySelectorAll(".gone"))
    if (performance.now() - item.dataset.gone > GONE_MS && !item.parentElement.matches(":hover, :focus-within")) item.remove();
}
