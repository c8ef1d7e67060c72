// Keeps the page true: parts that the server sends, lengths of time that count on, and honesty about silence.
import { isFormBegun } from "./begun.js";
import { patch, sweep } from "./patch.js";

const STALE_MS = 5000;
const RETRY_MS = 5000;
const [DAY_BEGINS, DAY_ENDS] = [7, 19]; // hours of the site's zone, as in edge.desk.look
let heard = performance.now();
let offsets = null; // server clocks (seconds) minus this page's own clock

const ownSeconds = () => performance.now() / 1000;

export const serverMono = () => (offsets ? offsets.mono + ownSeconds() : 0);

function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function countTimes() {
  if (!offsets) return;
  const mono = serverMono();
  const utc = offsets.utc + ownSeconds();
  for (const element of document.querySelectorAll("[data-since-mono]")) write(element, span(mono - element.dataset.sinceMono));
  for (const element of document.querySelectorAll("[data-since-utc]")) write(element, span(utc - element.dataset.sinceUtc));
  for (const element of document.querySelectorAll("[data-until-mono]")) write(element, span(element.dataset.untilMono - mono));
  for (const element of document.querySelectorAll("[data-until-utc]")) write(element, span(element.dataset.untilUtc - utc));
  for (const element of document.querySelectorAll("[data-ends-mono]")) element.inert = mono > element.dataset.endsMono;
  const clock = document.getElementById("clock");
  keepTheme(clock.dataset.zone, utc);
  const shape = { timeZone: clock.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  write(clock, new Intl.DateTimeFormat("en-GB", shape).format(utc * 1000));
}

// A page that was opened by day is dark at night, where the guard has chosen so.
function keepTheme(timeZone, utc) {
  const root = document.documentElement;
  if (root.dataset.theme !== "clock") return;
  const hour = Number(new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", hourCycle: "h23" }).format(utc * 1000));
  const isDay = hour >= DAY_BEGINS && hour < DAY_ENDS;
  root.classList.toggle("light", isDay);
  root.classList.toggle("dark", !isDay);
}

function showSilence() {
  const silent = performance.now() - heard;
  const stale = silent > STALE_MS;
  document.body.classList.toggle("stale", stale);
  document.getElementById("stale").hidden = !stale;
  if (stale) write(document.getElementById("silence"), span(silent / 1000));
}

function hearBeat(message) {
  const { mono, utc } = JSON.parse(message.data);
  heard = performance.now();
  offsets = { mono: mono - ownSeconds(), utc: utc - ownSeconds() };
  countTimes();
  showSilence();
}

function listen(address) {
  const source = new EventSource(address);
  source.addEventListener("part", (message) => {
    const { id, html } = JSON.parse(message.data);
    patch(document.getElementById(id), html);
    countTimes();
  });
  source.addEventListener("beat", hearBeat);
  source.addEventListener("signed-out", () => {
    source.close();
    document.body.classList.add("signed-out");
    if (!isFormBegun()) location.assign("/sign-in");
    heard -= STALE_MS; // what was typed stays, on a page that is old from now on: when it is sent, the guard signs in
    showSilence();
  });
  // A refusal ends the source for good; a display that nobody looks after asks again.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(address), RETRY_MS);
    // Streams also end in good order. But what is sent to a server that is gone would end on a page of the browser's own.
    fetch("/static/booth.css", { method: "HEAD", cache: "no-store" }).catch(() => {
      heard = Math.min(heard, performance.now() - STALE_MS - 1);
      showSilence();
    });
  });
  addEventListener("pagehide", () => source.close());
}

// Nothing is done from an old picture, and what is typed is not sent where nobody hears it. Signed out, sending leads to signing in.
function holdBack(event) {
  if (!document.body.matches(".stale:not(.signed-out)")) return;
  if (event.type === "click" && !event.target.closest("a[data-act]")) return;
  event.preventDefault();
  event.stopPropagation();
}

export function startLive(address) {
  for (const type of ["click", "submit"]) document.addEventListener(type, holdBack, { capture: true });
  listen(address);
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    if (isFormBegun()) listen(address);
    else location.reload();
  });
  setInterval(() => {
    countTimes();
    showSilence();
    sweep();
  }, 500);
}
