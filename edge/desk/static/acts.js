// An act without leaving the lanes: its page's form is shown in a dialog, and its reply in the strip.
import { newId } from "./ids.js";
import { serverMono } from "./live.js";

const REPLY_MS = 10000;
const dialog = () => document.getElementById("act");
let hiding = 0;
let fetching = new AbortController(); // the act that was chosen last
let coming = null; // while it is being fetched: whether it will be shown

export const comingAct = () => coming;

function say(text, accepted) {
  const reply = document.getElementById("reply");
  reply.textContent = text ? `${accepted ? "✓" : "✕"} ${text}` : "";
  reply.className = accepted ? "grant" : "deny";
  clearTimeout(hiding);
  if (text) hiding = setTimeout(() => say("", true), REPLY_MS);
}

const sayNoAnswer = () => say(document.getElementById("reply").dataset.noAnswer, false);

async function show(address, signal) {
  const response = await fetch(address, { signal });
  if (response.redirected) {
    location.assign(response.url);
    return false;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const form = page.getElementById("act-form");
  if (!form) throw new Error(`no act at ${address}`);
  dialog().replaceChildren(form);
  if (!dialog().open) dialog().showModal();
  dialog().querySelector("h2").focus();
  return true;
}

function breakOff() {
  fetching.abort();
  coming = null;
}

// The newest choice wins: the page of an earlier one would come under a finger that means another lane.
async function open(address) {
  breakOff();
  fetching = new AbortController();
  const { signal } = fetching;
  try {
    return await show(address, signal);
  } catch {
    if (!signal.aborted) sayNoAnswer();
    return false;
  } finally {
    if (!signal.aborted) coming = null;
  }
}

// The guard may have left its dialog meanwhile, and another act may be shown.
function close(form) {
  if (dialog().contains(form)) dialog().close();
}

// The keys of provinces write the first character of the plate; without a script they ask for the form again.
function putProvince(button) {
  const field = document.getElementById(button.closest("[data-provinces]").dataset.provinces);
  field.value = button.value + field.value.replace(/^\p{Script=Han}/u, "");
  field.focus();
}

// An act that needs nothing but its press, as taking back what was just done.
async function pressNow(link) {
  if (link.inert) return;
  link.inert = true;
  const data = new FormData();
  data.set("token", document.getElementById("scan-form").elements.token.value);
  data.set("request", newId());
  data.set("pressed", serverMono());
  const response = await fetch(link.href, { method: "POST", body: data, headers: { Accept: "application/json" } });
  if (response.redirected || !response.ok) throw new Error(`no act at ${link.href}`);
  const { accepted, said } = await response.json();
  say(said, accepted);
}

async function press(form, button) {
  if (form.inert) return;
  form.inert = true; // a double click is one press; the request id would make it one anyway
  const data = new FormData(form);
  data.set(button.name, button.value);
  data.set("pressed", serverMono());
  const response = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } });
  if (response.redirected || !response.ok) {
    location.assign("/");
    return;
  }
  const { accepted, asked, said, field } = await response.json();
  if (!asked) {
    form.inert = false;
    form.querySelector(".fault").textContent = said;
    const faulty = form.elements[field];
    (faulty instanceof RadioNodeList ? faulty[0] : faulty).focus();
    return;
  }
  close(form);
  say(said, accepted);
}

export function startActs() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.more[open]")) if (!menu.contains(event.target)) menu.open = false;
    const link = event.target.closest("a[data-act], a[data-close]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.matches("[data-close]") && !dialog().contains(link)) return;
    event.preventDefault();
    if (link.matches("[data-close]")) {
      breakOff();
      dialog().close();
    } else if (link.matches("[data-now]")) pressNow(link).catch(sayNoAnswer);
    else coming = open(link.href);
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && breakOff());
  dialog().addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter.name === "province") {
      putProvince(event.submitter);
      return;
    }
    press(event.target, event.submitter).catch(() => {
      close(event.target);
      sayNoAnswer();
    });
  });
}
