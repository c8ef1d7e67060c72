// The booth's extras: without them the pages still work, by links and forms.
import { startActs } from "./acts.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startPictures } from "./pictures.js";

const page = document.body.dataset.page;
startLive(`/live?page=${encodeURIComponent(page)}`);
if (page === "lanes") startPictures();
if (document.getElementById("act")) startActs();
startKeys();
