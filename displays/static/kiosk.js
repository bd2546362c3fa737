/** The touch screen: a queue is a tap, a tap is a ticket, and nothing of a visitor stays behind. */

import { countdown } from "./countdown.js";
import { attribute, byId, data, list, make, text } from "./dom.js";
import { opens, takesPeople, wait, waiting } from "./queue-words.js";
import { Scanner, askTwice } from "./scanner.js";
import { pressKey, send, sendSurely } from "./send.js";
import { clock, fill, moment, plural } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const WARN_MS = 8000; // the end is announced to those who hear the page

const texts = data("texts");
const lang = document.documentElement.lang;
const { body } = document;
const { location: place, home } = body.dataset;
const ms = (name) => Number(body.dataset[`${name}Ms`]);
// ?print=auto prints without asking, ?print=off never; ?scan=on says that a scanner is here
const wishes = new URLSearchParams(location.search);
const OPEN = ["waiting", "called", "serving", "held"];
let shown = data("location");
let busy = false;
let unsure = { queue: "", key: "" }; // a tap that was never answered: the same tap again is the same ticket
let closing = null;
let idleSince = performance.now();

byId("queues").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && button.getAttribute("aria-disabled") !== "true") take(button.dataset.queue);
});
byId("print").addEventListener("click", printTicket);
byId("more").addEventListener("click", () => {
  text(byId("warning"), "");
  closing.extend(ms("more"));
});
byId("done").addEventListener("click", reset);
byId("larger").addEventListener("click", () => enlarge(body.dataset.large !== "yes"));
for (const link of document.querySelectorAll("[data-lang]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    speak(link.dataset.lang);
  });
}
for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, () => (idleSince = performance.now()));
addEventListener("contextmenu", (event) => event.preventDefault());
setInterval(refresh, ms("refresh"));
setInterval(tick, 500);
new Scanner(scan).listen();
byId("print").hidden = wishes.get("print") === "off";
byId("scan-hint").hidden = wishes.get("scan") !== "on";
draw(shown);
tick();

/* The first screen. */

async function refresh() {
  const answer = await send("GET", `/api/v1/locations/${place}?lang=${lang}`);
  body.dataset.contact = answer.ok ? "ok" : "lost";
  text(byId("offline"), answer.ok || byId("trouble").textContent ? "" : texts.refused.away);
  if (answer.ok) draw(answer.body);
}

function draw(newer) {
  shown = newer;
  text(byId("opens"), opens(shown, Date.now(), texts));
  list(byId("queues"), shown.queues, (queue) => queue.id, createQueue, updateQueue);
  if (body.dataset.screen !== "ticket") show(takesPeople(shown) ? "start" : "closed");
}

function createQueue() {
  const mark = document.createElementNS(SVG, "svg");
  const rect = document.createElementNS(SVG, "rect");
  for (const name of ["width", "height"]) rect.setAttribute(name, "100%");
  mark.setAttribute("class", "mark");
  mark.setAttribute("aria-hidden", "true");
  mark.append(rect);
  const facts = make("span", { class: "facts" }, make("span", { class: "waiting" }), " ", make("span", { class: "wait" }));
  return make("li", {}, make("button", { type: "button", class: "queue" }, mark, make("bdi", { class: "name" }), facts));
}

function updateQueue(row, queue) {
  const button = row.querySelector("button");
  const isBusy = busy && button.getAttribute("aria-busy") === "true";
  button.dataset.queue = queue.id;
  attribute(button, "aria-disabled", queue.open && !busy ? null : "true");
  row.querySelector("rect").setAttribute("fill", queue.colour);
  text(row.querySelector(".name"), queue.name);
  text(row.querySelector(".waiting"), queue.open && !isBusy ? waiting(queue.waiting, texts) : "");
  text(row.querySelector(".wait"), isBusy ? texts.taking : queue.open ? wait(queue.wait, texts) : texts.queue_closed);
}

async function take(queue) {
  if (busy) return;
  say("");
  setBusy(queue);
  if (unsure.queue !== queue) unsure = { queue, key: pressKey() };
  const wanted = { queue, locale: lang, source: "kiosk" };
  const answer = await sendSurely("POST", "/api/v1/tickets", wanted, { key: unsure.key });
  if (answer.code !== "away") unsure = { queue: "", key: "" };
  if (answer.ok) await hand(answer.body);
  else say(texts.refused[answer.code] ?? texts.refused.failed);
  setBusy("");
  if (!answer.ok) refresh();
}

function setBusy(queue) {
  busy = queue !== "";
  for (const button of byId("queues").querySelectorAll("button")) {
    attribute(button, "aria-busy", busy && button.dataset.queue === queue ? "true" : null);
  }
  draw(shown);
}

/* The ticket. */

async function hand({ ticket, token }) {
  const answer = await send("GET", `/api/v1/t/${token}`);
  const { ahead = null, wait: range = null, queue = "" } = answer.ok ? answer.body : {};
  await present({ said: "", label: ticket.label, queue, ahead, range, token });
}

async function present({ said, label, queue, ahead, range, token }) {
  text(byId("said"), said);
  text(byId("label"), label);
  byId("label").classList.toggle("long", label.length > 5);
  text(byId("queue"), queue);
  text(byId("ahead"), ahead === null ? "" : ahead === 0 ? texts.next_up : plural(texts.ahead, ahead));
  text(byId("wait"), range ? wait(range, texts) : "");
  text(byId("printed-at"), moment(Date.now(), 0, shown.time_zone));
  byId("scan").hidden = !token;
  byId("qr").hidden = !token;
  if (token) byId("qr").src = `/qr/${token}.svg`;
  show("ticket");
  byId("ticket-title").focus();
  closing?.stop();
  closing = countdown(ms("close"), { onTick: closes, onEnd: reset });
  if (wishes.get("print") === "auto") {
    if (token) await byId("qr").decode().catch(() => undefined);
    printTicket();
  }
}

/** A code held in front of the scanner: whoever has a booking is checked in, everybody else sees where they stand. */
async function scan(typed, plain) {
  if (busy) return;
  idleSince = performance.now();
  if (closing) leave();
  say("");
  setBusy(" ");
  const body = { location: place, locale: lang };
  const answer = await askTwice((code) => sendSurely("POST", "/api/v1/scan", { code, ...body }), typed, plain);
  const { scanned, refused } = texts;
  if (answer.ok) await scannedTicket(answer.body);
  else say(scanned[answer.code] ?? refused[answer.code] ?? refused.failed);
  setBusy("");
}

async function scannedTicket({ ticket, checked_in: arrived, queue, desk, ahead, wait: range }) {
  if (!OPEN.includes(ticket.state)) return say(texts.scanned.closed);
  const said = fill(texts.scanned[arrived ? "checked_in" : ticket.state], { desk });
  return present({ said, label: ticket.label, queue, ahead, range, token: "" });
}

function printTicket() {
  window.print();
  closing?.extend(ms("close"));
}

function closes(left, whole) {
  const seconds = Math.ceil(left / 1000);
  text(byId("closing"), plural(texts.closes, seconds));
  byId("left").style.inlineSize = `${(100 * left) / whole}%`;
  if (left < WARN_MS && !byId("warning").textContent) text(byId("warning"), plural(texts.closes, seconds));
}

/** Nothing of a visitor stays on the screen. */
function leave() {
  closing?.stop();
  closing = null;
  unsure = { queue: "", key: "" };
  for (const id of ["said", "label", "queue", "ahead", "wait", "printed-at", "closing", "warning"]) text(byId(id), "");
  byId("qr").removeAttribute("src");
  byId("qr").hidden = true;
  show(takesPeople(shown) ? "start" : "closed");
}

/** The next visitor finds the first screen, in the language of the house. */
function reset() {
  leave();
  enlarge(false);
  say("");
  scrollTo(0, 0);
  document.activeElement?.blur();
  if (lang !== home) speak(home);
  else refresh();
}

/* The house. */

function show(screen) {
  body.dataset.screen = screen;
  for (const name of ["start", "closed", "ticket"]) byId(name).hidden = name !== screen;
}

function say(words) {
  text(byId("trouble"), words);
  if (words) text(byId("offline"), "");
}

function enlarge(large) {
  body.dataset.large = large ? "yes" : "no";
  attribute(byId("larger"), "aria-pressed", large ? "true" : "false");
}

/** The page in another language; it stays as it is while the server cannot give one, for nobody here can press "back". */
async function speak(language) {
  if (busy || language === lang) return;
  wishes.set("lang", language);
  const address = `${location.pathname}?${wishes}`;
  const answer = await fetch(address).catch(() => null);
  if (answer?.ok) location.replace(address);
  else say(texts.refused.away);
}

function tick() {
  text(byId("clock"), clock(Date.now(), shown.time_zone));
  const untouched = lang === home && body.dataset.large !== "yes" && !byId("trouble").textContent;
  if (body.dataset.screen === "ticket" || busy || untouched) return;
  if (performance.now() - idleSince > ms("idle")) {
    idleSince = performance.now();
    reset();
  }
}
