/** By which ways a person is told, and notifications on this phone: offered after a tap, never by themselves. */

import { attribute, byId, data, list, make, text, textOrHide } from "./dom.js";
import { say } from "./phone-actions.js";
import { send } from "./send.js";

const WORKER = "/static/push-worker.js";
const SCOPE = "/t/";

/** Draws what the server said, and wires the button. Returns `refresh()`, for when an address was left. */
export function notifications(api, texts) {
  let told = data("addresses");
  let here = ""; // this browser, as the server names it; empty while it is not known to any
  const draw = () => {
    drawWays(told, here, texts);
    drawButton(told, here, texts);
  };
  const toggle = async () => {
    const answer = await (isOn(told, here) ? turnOff(api) : turnOn(api, told.push_key));
    if (answer.ok) [told, here] = [answer.body, await browserId((await subscription())?.endpoint)];
    draw();
    if (!answer.ok) return say(texts.push.refusals[answer.code] ?? texts.refusals[answer.code] ?? texts.refusals.failed, true);
    return say(isOn(told, here) ? texts.push.done_on : texts.push.done_off);
  };
  onePress(byId("push"), toggle);
  draw();
  if (can(told)) subscription().then(async (found) => ((here = await browserId(found?.endpoint)), draw()), () => {});
  return async () => {
    const answer = await send("GET", `${api}/contact`);
    if (answer.ok) [told] = [answer.body];
    draw();
  };
}

const isOn = (told, here) => Boolean(here) && told.push.includes(here);

/** Whether this browser could show notifications: on http and on an iPhone outside the home screen there is no way. */
const can = (told) =>
  Boolean(told.push_key && isSecureContext && navigator.serviceWorker && window.PushManager && window.Notification);

function onePress(button, does) {
  let busy = false;
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    attribute(button, "aria-disabled", "true");
    await does().catch(() => {});
    attribute(button, "aria-disabled", null);
    busy = false;
  });
}

function drawButton(told, here, texts) {
  const button = byId("push");
  button.hidden = !can(told);
  const blocked = can(told) && Notification.permission === "denied";
  const on = isOn(told, here) && !blocked;
  text(byId("push-state"), on ? texts.sound_on : blocked ? texts.push.blocked : texts.sound_tap);
  attribute(button, "aria-pressed", String(on));
  textOrHide(byId("push-cannot"), told.push_key && !can(told) ? texts.push.cannot : "");
}

function drawWays(told, here, texts) {
  const others = told.push.length - (isOn(told, here) ? 1 : 0);
  const ways = [
    isOn(told, here) && [texts.ways.here],
    others > 0 && [texts.ways.elsewhere],
    told.phone && [texts.ways.phone, told.phone],
    told.email && [texts.ways.email, told.email],
  ].filter(Boolean);
  const shown = ways.length ? ways : [[texts.ways.page]];
  list(byId("ways"), shown, ([name]) => name, () => make("li", {}, make("span"), " ", make("bdi", { dir: "ltr" })), update);
}

function update(item, [name, address = ""]) {
  text(item.firstElementChild, name);
  text(item.lastElementChild, address);
}

const subscription = async () => (await navigator.serviceWorker.getRegistration(SCOPE))?.pushManager.getSubscription();

/** Asks the person, then the browser's push service, then tells the server. */
async function turnOn(api, key) {
  const refused = (code) => ({ ok: false, code, body: null });
  if ((await Notification.requestPermission()) !== "granted") return refused("blocked");
  try {
    const registration = await active(await navigator.serviceWorker.register(WORKER, { scope: SCOPE }));
    const made = await subscribed(registration.pushManager, bytes(key));
    const { endpoint, keys } = made.toJSON();
    return await send("POST", `${api}/subscribe`, { endpoint, p256dh: keys.p256dh, auth: keys.auth });
  } catch {
    return refused("broken");
  }
}

/** For this ticket alone: another one of the same person may go on. */
async function turnOff(api) {
  const { endpoint } = await subscription();
  return send("POST", `${api}/unsubscribe`, { endpoint });
}

/** One that was made for another key of ours is good for nothing. */
async function subscribed(manager, key) {
  const old = await manager.getSubscription();
  if (old && same(new Uint8Array(old.options.applicationServerKey ?? []), key)) return old;
  await old?.unsubscribe();
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

const same = (one, other) => one.length === other.length && one.every((byte, place) => byte === other[place]);

function active(registration) {
  const coming = registration.installing ?? registration.waiting;
  if (registration.active || !coming) return registration;
  return new Promise((resolve, reject) => {
    coming.addEventListener("statechange", () => {
      if (coming.state === "activated") resolve(registration);
      if (coming.state === "redundant") reject(new Error(coming.state));
    });
  });
}

function bytes(base64) {
  const plain = atob(base64.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** As `push` in the server's answer names a browser. */
async function browserId(endpoint) {
  if (!endpoint) return "";
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return base64.replace(/\+/g, "-").replace(/\//g, "_").slice(0, 22);
}
