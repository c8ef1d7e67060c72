// Language and look, chosen in the middle of a form: what was typed stays. How the page looks changes at once, its words with the
// next page; nothing is fetched anew that is being filled in.
import { isFormBegun } from "./begun.js";

const reply = () => document.getElementById("reply");

function say(text, isDone) {
  reply().textContent = `${isDone ? "✓" : "✕"} ${text}`;
  reply().className = isDone ? "grant" : "deny";
}

async function choose(link) {
  const response = await fetch(link.href);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const chosen = page.documentElement;
  if (!response.ok || !chosen.dataset.theme) throw new Error(`nothing chosen at ${link.href}`);
  document.documentElement.className = chosen.className;
  document.documentElement.dataset.theme = chosen.dataset.theme;
  say(reply().dataset.nextPage, true);
}

export function startChoosing() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='/look/'], a[href^='/language/']");
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || !isFormBegun()) return;
    event.preventDefault();
    choose(link).catch(() => say(reply().dataset.noAnswer, false));
  });
}
