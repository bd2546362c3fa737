/** Taking a ticket on one's own phone: choose a queue, press once, go to the ticket's page. */

import { attribute, byId, data, text, textOrHide } from "./dom.js";
import { opens, takesPeople, wait, waiting } from "./queue-words.js";
import { pressKey, send, sendSurely } from "./send.js";
import { offerTravel } from "./travel.js";
import { fill } from "./words.js";

const FIELDS = ["phone", "email", "name"];

const texts = data("texts");
const lang = document.documentElement.lang;
const { location: place, refreshMs } = document.body.dataset;
const form = byId("form");
const memory = `callboard.ticket.${place}`;
let press = { key: "", body: "" }; // the same choice sent again is the same ticket
let busy = false;

form.addEventListener("submit", take);
form.addEventListener("input", forgive);
addEventListener("pageshow", arrive);
document.addEventListener("visibilitychange", refresh);
setInterval(refresh, Number(refreshMs));
offerTravel(byId("travel"));
draw(data("location"));

/** Also when somebody comes back from the ticket's page: the ticket is still theirs, and the button works again. */
function arrive() {
  setBusy(false);
  const kept = JSON.parse(sessionStorage.getItem(memory) ?? "null");
  byId("kept").hidden = !kept;
  if (!kept) return;
  text(byId("kept-text"), fill(texts.kept, { label: kept.label }));
  byId("kept-link").href = `/t/${kept.token}`;
}

async function refresh() {
  if (document.visibilityState === "hidden" || busy) return;
  const answer = await send("GET", `/api/v1/locations/${place}?lang=${lang}`);
  if (answer.ok) draw(answer.body);
}

function draw(location) {
  const open = takesPeople(location);
  document.body.dataset.open = open ? "yes" : "no";
  byId("closed").hidden = open;
  form.hidden = !open;
  textOrHide(byId("opens"), opens(location, Date.now(), texts));
  for (const queue of location.queues) drawQueue(queue);
  const choices = form.querySelectorAll("input[name=queue]:not(:disabled)");
  if (choices.length === 1) choices[0].checked = true;
}

function drawQueue(queue) {
  const row = byId("queues").querySelector(`[data-key="${CSS.escape(queue.id)}"]`);
  if (!row) return; // a queue that is newer than the page
  const choice = row.querySelector("input");
  choice.disabled = !queue.open;
  if (!queue.open) choice.checked = false;
  text(row.querySelector(".waiting"), queue.open ? waiting(queue.waiting, texts) : "");
  text(row.querySelector(".wait"), queue.open ? wait(queue.wait, texts) : texts.queue_closed);
}

async function take(event) {
  event.preventDefault();
  if (busy) return;
  clearMistakes();
  const chosen = new FormData(form);
  if (!chosen.get("queue")) return choose();
  setBusy(true);
  const answer = await sendSurely("POST", "/api/v1/tickets", bodyOf(chosen), { key: keyFor(chosen) });
  if (answer.ok) return leave(answer.body);
  setBusy(false);
  return refuse(answer);
}

function bodyOf(chosen) {
  const given = FIELDS.map((name) => [name, chosen.get(name).trim()]).filter(([, value]) => value);
  const travel = Number(chosen.get("travel_min")) || undefined;
  const reached = given.some(([name]) => name === "phone" || name === "email");
  const consent = reached ? { words: texts.contact_why, language: lang } : undefined;
  const who = { ...Object.fromEntries(given), consent };
  return { queue: chosen.get("queue"), locale: lang, source: "join", travel_min: travel, ...who };
}

function keyFor(chosen) {
  const body = JSON.stringify(bodyOf(chosen));
  if (press.body !== body) press = { key: pressKey(), body };
  return press.key;
}

function leave({ ticket, token }) {
  press = { key: "", body: "" };
  sessionStorage.setItem(memory, JSON.stringify({ label: ticket.label, token }));
  location.assign(`/t/${token}`);
}

function refuse({ code, fields }) {
  const wrong = FIELDS.filter((name) => fields.some(({ field }) => field === name));
  for (const name of wrong) mark(name, texts.mistake[name]);
  if (wrong.length) {
    byId("contact").open = true;
    byId(wrong[0]).focus();
    byId(wrong[0]).scrollIntoView({ block: "center" });
    return;
  }
  text(byId("trouble"), texts.refused[code] ?? texts.refused.failed);
  refresh();
}

function choose() {
  byId("queues").classList.add("wrong");
  text(byId("queue-mistake"), texts.mistake.queue);
  form.querySelector("input[name=queue]:not(:disabled)").focus();
}

function mark(name, words) {
  text(byId(`${name}-mistake`), words);
  attribute(byId(name), "aria-invalid", words ? "true" : null);
}

function clearMistakes() {
  for (const name of FIELDS) mark(name, "");
  text(byId("queue-mistake"), "");
  byId("queues").classList.remove("wrong");
  text(byId("trouble"), "");
}

/** What is being mended is not held against anybody any longer. */
function forgive({ target }) {
  if (FIELDS.includes(target.name)) mark(target.name, "");
  if (target.name === "queue") clearMistakes();
}

function setBusy(value) {
  busy = value;
  attribute(byId("take"), "aria-disabled", value ? "true" : null);
  text(byId("take"), value ? texts.taking : texts.take);
}
