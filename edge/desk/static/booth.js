// The booth's extras: without them the pages still work, by links and forms.
import { startActs } from "./acts.js";
import { startChoosing } from "./choosing.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startCompared, startPictures } from "./pictures.js";
import { startReloaded } from "./reloaded.js";
import { startSent } from "./sent.js";
import { startSpeaking } from "./spoken.js";

const page = document.body.dataset.page;
startLive(`/live?page=${encodeURIComponent(page)}`);
if (page === "lanes") startPictures();
startCompared();
if (document.getElementById("act")) startActs();
if ("speaks" in document.body.dataset) startSpeaking();
startKeys();
startSent();
startChoosing();
startReloaded();
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
