// Two keys, one act: a lane's letter, then an act's; the letter of a page alone opens it. A wedge scanner types faster than a hand: its bursts reach only the scan field.
import { comingAct } from "./acts.js";
import { isFormBegun } from "./begun.js";

const BURST_MS = 30;
const SECOND_KEY_MS = 3000;

let last = -Infinity; // when the last key came
let run = ""; // the keys that came each within BURST_MS of the one before: one is a hand's, more are a scanner's
let decided = true;
let deciding = 0;
let lane = ""; // the lane letter that waits for its act
let forgetting = 0;
let field = null; // the text field a run began in, and what it held before

const SHOWN_MAX = 24; // what is longer is a signed code, whose text stands on no page
const isText = (element) => element.matches?.("input:not([type=hidden], [type=radio], [type=checkbox]), textarea");

function forgetLane() {
  lane = "";
  for (const card of document.querySelectorAll(".armed")) card.classList.remove("armed");
}

function chooseLane(letter) {
  const card = document.querySelector(`[data-arms="${letter}"]`);
  if (!card) {
    const called = document.querySelector(`[data-page-key="${letter}"]`);
    if (called?.closest("details:not([open])")) return; // nobody sees what it would do
    called?.click();
    if (called?.matches("input")) called.focus(); // so that Tab goes on from what was chosen
    return;
  }
  lane = letter;
  card.classList.add("armed");
  clearTimeout(forgetting);
  forgetting = setTimeout(forgetLane, SECOND_KEY_MS);
}

function pressLetter(letter) {
  if (comingAct()) {
    const until = performance.now() + SECOND_KEY_MS;
    comingAct().then((isShown) => isShown && performance.now() < until && pressLetter(letter));
    return;
  }
  const dialog = document.querySelector("dialog[open]");
  if (dialog) {
    dialog.querySelector(`[data-letter="${letter}"]`)?.click();
    return;
  }
  const choice = lane && document.querySelector(`[data-keys="${lane}${letter}"]`);
  forgetLane();
  if (choice) choice.closest("[inert]") || choice.click();
  else chooseLane(letter);
}

function takeScan() {
  const scan = document.getElementById("scan");
  const shown = run.length > SHOWN_MAX ? "…" : run;
  if (scan) scan.textContent = `${scan.dataset.label} ${shown}`;
  if (field) field.element.value = field.before;
  forgetLane();
  // A page that expects a scan takes it; else the booth looks what it is, and opens its place.
  const taken = !document.dispatchEvent(new CustomEvent("scanned", { detail: run, cancelable: true }));
  const form = document.getElementById("scan-form");
  const stays = document.body.dataset.page === "emergency" || document.querySelector("dialog[open]");
  if (taken || !form || stays) return;
  if (isFormBegun()) {
    const reply = document.getElementById("reply");
    reply.textContent = `✕ ${shown}: ${reply.dataset.scanWaits}`;
    reply.className = "deny";
    return;
  }
  form.elements.text.value = run;
  form.requestSubmit();
}

function decide() {
  clearTimeout(deciding);
  if (decided) return;
  decided = true;
  if (run.length > 1) takeScan();
  else if (!field && /^[a-z]$/i.test(run)) pressLetter(run.toUpperCase());
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.key === "Process") return;
  if (event.key.length > 1 && event.key !== "Enter") return;
  const soon = event.timeStamp - last < BURST_MS;
  last = event.timeStamp;
  if (soon) event.preventDefault(); // also the Enter at its end, which would press what has the focus
  if (event.repeat || event.key.length > 1) return;
  if (!soon) {
    decide();
    run = "";
    field = isText(event.target) ? { element: event.target, before: event.target.value } : null;
  }
  run += event.key;
  decided = false;
  clearTimeout(deciding);
  deciding = setTimeout(decide, BURST_MS + 10);
}

export function startKeys() {
  addEventListener("keydown", onKey, { capture: true });
}
