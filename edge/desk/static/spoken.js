// Reads out who waits and which alarms are new, where the guard has chosen so: a short tone, then words, where the browser has a voice.
const TONE_S = 0.18;
const said = new Set();
let sound = null;

const key = (element) => element.dataset.sayKey;

function tone(isAlarm) {
  try {
    sound ??= new AudioContext();
    const [pitch, volume] = [sound.createOscillator(), sound.createGain()];
    pitch.frequency.value = isAlarm ? 880 : 520;
    volume.gain.setValueAtTime(0.15, sound.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + TONE_S);
    pitch.connect(volume).connect(sound.destination);
    pitch.start();
    pitch.stop(sound.currentTime + TONE_S);
  } catch {
    // no sound here: the page shows it all the same
  }
}

function speak(text) {
  if (!globalThis.speechSynthesis) return;
  const words = new SpeechSynthesisUtterance(text);
  words.lang = document.documentElement.lang;
  speechSynthesis.speak(words);
}

// Read anew, not told again: each is said once in this tab.
function sayNew() {
  for (const element of document.querySelectorAll("[data-say]")) {
    if (said.has(key(element))) continue;
    said.add(key(element));
    tone("sayAlarm" in element.dataset);
    speak(element.dataset.say);
  }
}

export function startSpeaking() {
  for (const element of document.querySelectorAll("[data-say]")) said.add(key(element));
  new MutationObserver(sayNew).observe(document.body, { childList: true, subtree: true });
}
