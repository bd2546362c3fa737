/**
 * One connection to a /live address for as long as the page is open: WebSocket, else server-sent events, else long poll.
 * Documents come whole and the newest wins; after 12 s without a sign of life the connection says that it is stale.
 */

import { eventStream, longPoll, NOT_ALLOWED, UNKNOWN, webSocket } from "./live-ways.js";

const WAYS = [webSocket, eventStream, longPoll];
const STALE_MS = 12000;
const FIRST_WORD_MS = 5000; // a way that said nothing for this long after opening is left for the next
const RETRY_MS = 5000;
const RETRY_MAX_MS = 15000;
const PATIENCE = 2; // so often in a row a way that worked may fail before the next one is tried
const WATCH_MS = 1000;

/** Whether `document` may take the place of `own`: another epoch, or not older in this one. */
export function newest(own, document) {
  if (!own || document.epoch !== own.epoch) return true;
  return document.seq > own.seq || (document.seq === own.seq && document.at >= own.at);
}

/**
 * How long to wait after so many failures: one to five seconds at first, for whatever ended this connection may have
 * ended ten thousand at the same moment.
 */
export function backoff(failures, random) {
  return (0.2 + 0.8 * random()) * Math.min(RETRY_MAX_MS, RETRY_MS * 1.5 ** failures);
}

/**
 * Connect to `address`. `document` is what the page was rendered with, or null.
 * `onDocument(document)` is called for each one taken; `onState(state, detail)` with "live", "stale" (detail: the moment
 * of the last contact) and "ended" (detail: "not_allowed" or "unknown"; there is no retry after that).
 * Returns {now(), lastContact(), close()}; `now()` is the server's clock.
 */
export function connect(address, { document = null, onDocument, onState = () => {}, random = Math.random }) {
  const connection = new Connection(address, document, onDocument, onState, random);
  connection.begin();
  return {
    now: () => connection.now(),
    lastContact: () => connection.contact,
    close: () => connection.close(),
  };
}

class Connection {
  constructor(address, own, onDocument, onState, random) {
    Object.assign(this, { address, own, onDocument, onState, random });
    this.contact = Date.now();
    this.skew = 0; // ours minus the server's clock
    this.sampled = false;
    this.state = "live";
    this.way = 0;
    this.failures = 0;
    this.patience = 0; // before the web socket has worked in this page, its first failure leads to the next way
    this.stop = null;
    this.retryTimer = 0;
    this.wake = () => this._wake();
    this.leave = () => this._drop();
  }

  begin() {
    this.watchTimer = setInterval(() => this._watch(), WATCH_MS);
    document.addEventListener("visibilitychange", this.wake);
    addEventListener("online", this.wake);
    addEventListener("pageshow", this.wake);
    addEventListener("pagehide", this.leave);
    this._open();
  }

  close() {
    this._drop();
    clearInterval(this.watchTimer);
    document.removeEventListener("visibilitychange", this.wake);
    removeEventListener("online", this.wake);
    removeEventListener("pageshow", this.wake);
    removeEventListener("pagehide", this.leave);
    this.state = "ended";
  }

  now() {
    return Date.now() - this.skew;
  }

  _open() {
    this._drop();
    this.opened = Date.now();
    this.spoken = false;
    this.sampled = false;
    const mine = {}; // what a way says after it was dropped is not heard
    this.current = mine;
    const lose = (code) => this.current === mine && this._lose(code);
    try {
      const hear = (message) => this.current === mine && this._hear(message);
      this.stop = WAYS[this.way](this.address, { hear, lose, own: () => this.own });
    } catch {
      this.retryTimer = setTimeout(lose, 0); // a browser that does not have, or does not allow, this way
    }
  }

  _drop() {
    clearTimeout(this.retryTimer);
    this.retryTimer = 0;
    this.current = null;
    if (this.stop) this.stop();
    this.stop = null;
  }

  _hear(message) {
    this.contact = Date.now();
    if (this.spoken && message.at) this._readClock(message.at);
    this.spoken = true;
    this.failures = 0;
    if (this.way === 0) this.patience = PATIENCE;
    this._say("live");
    if (message.type === "beat" || !newest(this.own, message)) return;
    this.own = message;
    this.onDocument(message);
  }

  /** The first word of a connection may have been written long ago; of the later ones the least delayed is right. */
  _readClock(at) {
    const skew = this.contact - at;
    this.skew = this.sampled ? Math.min(this.skew, skew) : skew;
    this.sampled = true;
  }

  _lose(code) {
    this._drop();
    if (code === NOT_ALLOWED || code === UNKNOWN) {
      this.close();
      this.onState("ended", code === UNKNOWN ? "unknown" : "not_allowed");
      return;
    }
    const isLast = this.way === WAYS.length - 1;
    this.way = this.spoken || isLast || this.failures < this.patience ? 0 : this.way + 1;
    if (this.way > 0) return void (this.retryTimer = setTimeout(() => this._open(), 0));
    this.retryTimer = setTimeout(() => this._open(), backoff(this.failures, this.random));
    this.failures += 1;
  }

  _watch() {
    const now = Date.now();
    if (now - this.contact > STALE_MS) this._say("stale", this.contact);
    if (!this.current) return;
    const silent = this.spoken ? now - this.contact > STALE_MS : now - this.opened > FIRST_WORD_MS;
    if (silent) this._lose();
  }

  /** Back on screen or on line: a phone in a pocket loses its connection without being told. */
  _wake() {
    if (document.visibilityState === "hidden" || this.state === "ended") return;
    if (this.current && Date.now() - this.contact < STALE_MS / 2) return;
    this.failures = 0;
    this.way = 0;
    this._open();
  }

  _say(state, detail) {
    if (this.state === state) return;
    this.state = state;
    this.onState(state, detail);
  }
}
