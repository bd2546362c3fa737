/** A person's ticket, kept true: the newest document on screen, and every call noticed once. */

import { attribute, byId, data, text, textOrHide } from "./dom.js";
import { connect } from "./live.js";
import { actions } from "./phone-actions.js";
import { Alerts } from "./phone-alert.js";
import { feedback } from "./phone-feedback.js";
import { notifications } from "./phone-push.js";
import { announcement, picture } from "./phone-words.js";
import { clock, fill } from "./words.js";

const AGAIN_MS = 5000; // times run out without a new document
const CLOSE = ["near", "next", "called"];

const { token, live, api } = document.body.dataset;
const texts = data("texts");
const alerts = new Alerts(token, byId("sound"), texts);
const offer = actions(api, texts, notifications(api, texts));
const ask = feedback(api, texts);
let ticket = inOwnWords(data("document"));
let shown = null;

const connection = connect(live, {
  document: ticket,
  onDocument(newer) {
    ticket = inOwnWords(newer);
    render();
  },
  onState: sayState,
});

render();
setInterval(render, AGAIN_MS);

/** The place, the queue and the desk as they are called in the language of the page. */
function inOwnWords(given) {
  return { ...given, ...given.names?.[document.documentElement.lang] };
}

function render() {
  const next = picture(ticket, texts, connection.now());
  draw(next);
  offer(next);
  ask(next);
  if (next.phase === "called") alerts.ring(ticket.call);
  alerts.stayAwake(CLOSE.includes(next.phase));
  speak(next);
  shown = { ...next, call: ticket.call };
}

function draw(next) {
  document.title = next.title;
  document.body.dataset.phase = next.phase;
  text(byId("location"), ticket.location);
  text(byId("queue"), ticket.queue);
  text(byId("label"), next.label);
  byId("label").classList.toggle("long", next.label.length > 5);
  text(byId("headline"), next.headline);
  textOrHide(byId("wait"), next.wait);
  textOrHide(byId("slot"), next.slot && `${texts.your_time}: ${next.slot}`);
  textOrHide(byId("place"), next.place);
  textOrHide(byId("todo"), next.todo);
  textOrHide(byId("called-at"), next.calledAt);
  byId("go").hidden = !next.goTo;
  text(byId("go-to"), next.goTo);
  text(byId("go-desk"), next.desk);
  byId("go-desk").classList.toggle("long", next.desk.length > 2);
  byId("go-desk").classList.toggle("name", next.desk.length > 4);
  byId("last").hidden = !next.lastCalled;
  text(byId("last-called"), next.lastCalled);
  drawSteps(next.step);
}

function drawSteps(step) {
  const steps = byId("steps");
  steps.hidden = step < 0;
  [...steps.children].forEach((element, place) => {
    attribute(element, "aria-current", place === step ? "step" : null);
    element.classList.toggle("past", place < step);
  });
}

/** A call is said at once and again when it is announced again; a new position when there is a pause. */
function speak(next) {
  const said = announcement(shown, next, texts);
  if (said.polite) text(byId("polite"), said.polite);
  if (!said.now) return text(byId("now"), "");
  if (shown?.phase === "called" && shown.call === ticket.call) return undefined;
  text(byId("now"), "");
  return setTimeout(() => text(byId("now"), said.now), 50);
}

function sayState(state, detail) {
  const stale = byId("stale");
  if (state === "stale") textOrHide(stale, fill(texts.stale, { time: clock(detail, ticket.time_zone) }));
  else textOrHide(stale, state === "ended" ? texts.ended : "");
}
