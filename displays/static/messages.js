/** The outbox: every message, the newest first, looked up again every three seconds; what is dead may go again. */

import { attribute, byId, data, list, make, text, textOrHide } from "./dom.js";
import { cost, kind, mayGoAgain, medium, reason, said, state } from "./message-words.js";
import { send, sendSurely } from "./send.js";
import { clock, fill, joined, moment } from "./words.js";

const LOOK_MS = 3000;

const texts = data("texts");
let { csrf } = document.body.dataset;
let seen = Date.now();
let shown = data("messages-data");
const pressed = new Set(); // what was sent again from this page, until the list tells of it

draw(shown);
setTimeout(look, LOOK_MS);

async function look() {
  if (document.visibilityState === "visible") await refresh();
  setTimeout(look, LOOK_MS);
}

async function refresh() {
  const answer = await send("GET", document.body.dataset.messages);
  if (answer.code === "signed_out") return signIn();
  if (!answer.ok) return text(byId("stale"), fill(texts.stale, { time: clock(seen) }));
  seen = Date.now();
  text(byId("stale"), "");
  return draw(answer.body.messages);
}

const signIn = () => location.assign(`/signin?next=${encodeURIComponent(location.pathname)}`);

function draw(messages) {
  shown = messages;
  byId("none").hidden = messages.length > 0;
  list(byId("messages"), messages, (message) => `${message.id} ${message.at}`, create, update);
}

function create(message) {
  const part = (tag, name) => make(tag, { class: name });
  const name = `head-${message.id}-${message.at}`;
  const head = make("div", { class: "head", id: name }, part("bdi", "label"), part("span", "kind"), part("span", "medium"));
  const side = make("div", { class: "side" }, part("span", "state"), part("time", "at"));
  const body = make("div", { class: "body" }, part("bdi", "to"), part("span", "subject"), make("p", { class: "text", dir: "auto" }));
  const button = make("button", { type: "button", class: "send", "aria-describedby": name });
  const again = make("div", { class: "again", hidden: "" }, button, make("p", { class: "outcome", role: "status" }));
  const item = make("li", { class: "message" }, head, side, body, make("p", { class: "detail", dir: "auto" }), again);
  button.addEventListener("click", () => sendAgain(item));
  return item;
}

function update(item, message) {
  const part = (name) => item.querySelector(`.${name}`);
  item.dataset.state = message.state;
  item.message = message;
  text(part("label"), message.ticket_label);
  text(part("kind"), kind(message, texts));
  text(part("medium"), medium(message, texts));
  text(part("state"), state(message, texts));
  text(part("at"), moment(message.at, Date.now()));
  part("at").setAttribute("datetime", new Date(message.at).toISOString());
  textOrHide(part("to"), message.recipient);
  textOrHide(part("subject"), message.subject);
  textOrHide(part("text"), message.text);
  textOrHide(part("detail"), joined([said(message, texts), cost(message, texts), reason(message.detail, texts)]));
  offer(item, message);
}

/** The button stays where it was pressed, so that nobody loses their place. */
function offer(item, message) {
  const may = mayGoAgain(message, shown) && Boolean(message.ticket);
  const done = pressed.has(message.id);
  const button = item.querySelector(".send");
  item.querySelector(".again").hidden = !may && !done;
  if (button.getAttribute("aria-busy")) return;
  attribute(button, "aria-disabled", done ? "true" : null);
  text(button, done ? texts.again.sent : texts.again.send);
}

async function sendAgain(item) {
  const { message } = item;
  const button = item.querySelector(".send");
  if (button.getAttribute("aria-disabled")) return;
  for (const name of ["aria-disabled", "aria-busy"]) attribute(button, name, "true");
  text(button, texts.again.sending);
  text(item.querySelector(".outcome"), "");
  const answer = await posted(`/api/v1/tickets/${message.ticket}/messages/send_again`, { message: message.id });
  attribute(button, "aria-busy", null);
  if (answer.code === "signed_out") return signIn();
  if (answer.ok) pressed.add(message.id);
  offer(item, message);
  const { done, refused } = texts.again;
  text(item.querySelector(".outcome"), answer.ok ? fill(done, { label: message.ticket_label }) : refused[answer.code] ?? refused.failed);
  item.querySelector(".outcome").classList.toggle("bad", !answer.ok);
  if (answer.ok) refresh();
}

/** Who signed in anew in another window has made this page's token old: get the new. */
async function posted(address, body) {
  const answer = await sendSurely("POST", address, body, { csrf });
  if (answer.code !== "csrf") return answer;
  const session = await send("GET", "/api/v1/session");
  if (!session.ok) return session;
  csrf = session.body.csrf;
  return sendSurely("POST", address, body, { csrf });
}
