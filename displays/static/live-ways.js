/** The three ways to listen to a /live address. Each starts at once or throws, hears and loses by callback, returns its stop. */

export const NOT_ALLOWED = 4401;
export const UNKNOWN = 4404;
const POLL_WAIT_S = 8; // shorter than what counts as stale: an empty answer is a sign of life
const POLL_PAUSE_MS = 1000; // where a server answers at once although nothing is new

/** JSON, or undefined: what cannot be read ends the connection like any other fault. */
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pass(text, { hear, lose }) {
  const message = read(text);
  if (message && typeof message === "object") hear(message);
  else lose();
}

export function webSocket(address, listener) {
  const url = new URL(address, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  socket.onmessage = (event) => pass(event.data, listener);
  socket.onclose = (event) => listener.lose(event.code);
  return () => {
    socket.onmessage = socket.onclose = null;
    socket.close();
  };
}

/** A refusal of this way looks like any failure to a page; the long poll after it learns the status. */
export function eventStream(address, listener) {
  const source = new EventSource(address);
  source.addEventListener("document", (event) => pass(event.data, listener));
  source.addEventListener("beat", (event) => pass(event.data, listener));
  source.onerror = () => listener.lose();
  return () => source.close();
}

export function longPoll(address, listener) {
  const abort = new AbortController();
  poll(address, listener, abort.signal).catch(() => abort.signal.aborted || listener.lose());
  return () => abort.abort();
}

async function poll(address, { hear, lose, own }, signal) {
  for (let wait = 0; !signal.aborted; wait = POLL_WAIT_S) {
    const asked = Date.now();
    const answer = await fetch(pollAddress(address, own(), wait), { signal, cache: "no-store" });
    if (answer.status === 401 || answer.status === 403) return lose(NOT_ALLOWED);
    if (answer.status === 404) return lose(UNKNOWN);
    if (!answer.ok) return lose();
    hear(answer.status === 204 ? { type: "beat" } : await answer.json());
    if (wait && Date.now() - asked < POLL_PAUSE_MS) await pause(POLL_PAUSE_MS, signal);
  }
}

function pollAddress(address, own, wait) {
  const url = new URL(address, location.href);
  if (own) {
    url.searchParams.set("after", own.seq);
    url.searchParams.set("epoch", own.epoch);
    url.searchParams.set("wait", wait);
  }
  return url;
}

function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()));
  });
}
