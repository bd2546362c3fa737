/** The outbox: every message, the newest first, looked up again every three seconds. */

import { byId, data, list, make, text, textOrHide } from "./dom.js";
import { send } from "./send.js";
import { clock, fill, joined, moment, plural } from "./words.js";

const AGAIN_MS = 3000;

const texts = data("texts");
let seen = Date.now();

draw(data("messages-data"));
setTimeout(again, AGAIN_MS);

async function again() {
  if (document.visibilityState === "visible") await refresh();
  setTimeout(again, AGAIN_MS);
}

async function refresh() {
  const answer = await send("GET", document.body.dataset.messages);
  if (answer.code === "signed_out") return location.assign(`/signin?next=${encodeURIComponent(location.pathname)}`);
  if (!answer.ok) return text(byId("stale"), fill(texts.stale, { time: clock(seen) }));
  seen = Date.now();
  text(byId("stale"), "");
  return draw(answer.body.messages);
}

function draw(messages) {
  byId("none").hidden = messages.length > 0;
  list(byId("messages"), messages, (message) => `${message.id} ${message.at}`, create, update);
}

function create() {
  const part = (tag, name) => make(tag, { class: name });
  const head = make("div", { class: "head" }, part("bdi", "label"), part("span", "kind"), part("span", "medium"));
  const side = make("div", { class: "side" }, part("span", "state"), part("time", "at"));
  const body = make("div", { class: "body" }, part("bdi", "to"), part("span", "subject"), make("p", { class: "text", dir: "auto" }));
  return make("li", { class: "message" }, head, side, body, make("p", { class: "detail", dir: "auto" }));
}

function update(item, message) {
  const part = (name) => item.querySelector(`.${name}`);
  item.dataset.state = message.state;
  text(part("label"), message.ticket_label);
  text(part("kind"), texts.kinds[message.kind] ?? message.kind);
  text(part("medium"), texts.media[message.medium] ?? message.medium);
  text(part("state"), texts.states[message.state] ?? message.state);
  text(part("at"), moment(message.at, Date.now()));
  part("at").setAttribute("datetime", new Date(message.at).toISOString());
  textOrHide(part("to"), message.recipient);
  textOrHide(part("subject"), message.subject);
  textOrHide(part("text"), message.text);
  const cost = message.segments ? plural(texts.segments, message.segments) : "";
  textOrHide(part("detail"), joined([message.said, cost, message.detail]));
}
