/** How a phone makes itself noticed: a chime and a shake once for each call, and a screen that stays on near the turn. */

import { text } from "./dom.js";

const SHAKE = [350, 150, 350, 150, 700];
const LATE_MS = 20000;
const CHIME = [
  [659.26, 0],
  [523.25, 0.32],
  [659.26, 1.1],
  [523.25, 1.42],
];

/** A value kept for this tab, or for good; a browser that forbids both only forgets. */
function kept(store, name, value) {
  try {
    if (value !== undefined) window[store].setItem(name, value);
    return window[store].getItem(name);
  } catch {
    return null;
  }
}

export class Alerts {
  /** `button` turns the sound on and off and says whether it would be heard. */
  constructor(token, button, texts) {
    this.name = `call ${token.slice(0, 8)}`;
    Object.assign(this, { button, texts });
    this.wanted = kept("localStorage", "sound") !== "off";
    this.audio = null;
    this.rung = 0;
    this.owed = 0; // when a chime was due that could not sound yet
    this.awake = null;
    button.addEventListener("click", () => this._toggle());
    addEventListener("pointerdown", (event) => button.contains(event.target) || this._unlock());
    document.addEventListener("visibilitychange", () => this._holdScreen());
    this._label();
  }

  /** Chime and shake, unless this call already has: in this page, or before it was loaded again. */
  ring(call) {
    const before = Math.max(this.rung, Number(kept("sessionStorage", this.name) ?? 0));
    if (call <= before) return;
    this.rung = call;
    kept("sessionStorage", this.name, String(call));
    if (navigator.vibrate) navigator.vibrate(SHAKE);
    this.owed = Date.now();
    this._unlock();
  }

  /** Keep the screen on while the turn is close: a sleeping phone hears nothing. */
  stayAwake(yes) {
    if (yes === this.close) return;
    this.close = yes;
    this._holdScreen();
  }

  get audible() {
    return this.wanted && this.audio?.state === "running";
  }

  _toggle() {
    if (this.audible) this.wanted = false;
    else {
      this.wanted = true;
      this._unlock().then(() => this._tone(...CHIME[0]));
    }
    kept("localStorage", "sound", this.wanted ? "on" : "off");
    this._label();
  }

  /** Browsers let a page sound only after a touch: every touch is used to ask. */
  async _unlock() {
    const Audio = window.AudioContext ?? window.webkitAudioContext;
    if (!Audio || !this.wanted) return;
    if (!this.audio) {
      this.audio = new Audio();
      this.audio.onstatechange = () => this._chime();
    }
    if (this.audio.state !== "running") await this.audio.resume().catch(() => {});
    this._chime();
  }

  /** Sound the chime that is due, as soon as the browser lets it; much later it would only puzzle. */
  _chime() {
    this._label();
    if (!this.audible || Date.now() - this.owed > LATE_MS) return;
    this.owed = 0;
    for (const [pitch, after] of CHIME) this._tone(pitch, after);
  }

  _tone(pitch, after) {
    if (this.audio?.state !== "running") return;
    const start = this.audio.currentTime + after;
    const [source, volume] = [this.audio.createOscillator(), this.audio.createGain()];
    source.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.4, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.7);
    source.connect(volume).connect(this.audio.destination);
    source.start(start);
    source.stop(start + 0.75);
  }

  _label() {
    const { texts } = this;
    text(this.button.lastElementChild, !this.wanted ? texts.sound_off : this.audible ? texts.sound_on : texts.sound_tap);
    this.button.setAttribute("aria-pressed", String(Boolean(this.audible)));
  }

  async _holdScreen() {
    if (!navigator.wakeLock) return;
    if (!this.close) return void this.awake?.release().catch(() => {});
    if (document.visibilityState !== "visible") return;
    this.awake = await navigator.wakeLock.request("screen").catch(() => null);
  }
}
