// A lane's display is kept true; without this it loads itself anew each second.
import { startLive } from "./live.js";

startLive(document.body.dataset.live);
