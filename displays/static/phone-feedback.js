/** How the visit was, once it is over: a press says it at once, and words may follow. */

import { attribute, byId, text } from "./dom.js";
import { say } from "./phone-actions.js";
import { sendSurely } from "./send.js";

/** Wire the question. Returns `show(picture)`; what somebody has begun to say is never taken away by a newer document. */
export function feedback(api, texts) {
  const section = byId("feedback");
  const comment = byId("comment");
  const buttons = [...section.querySelectorAll("[data-rating]")];
  let rating = 0;
  let busy = false;
  let begun = false;

  for (const button of buttons) button.addEventListener("click", () => rate(Number(button.dataset.rating)));
  byId("feedback-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (rating) send(rating).then((sent) => sent && thank());
  });
  byId("feedback-change").addEventListener("click", () => {
    step("words");
    buttons[rating - 1].focus();
  });
  return show;

  function show(picture) {
    section.hidden = !picture.can.includes("feedback");
    if (begun || !picture.rating) return;
    mark(picture.rating);
    step("thanks");
  }

  async function rate(given) {
    begun = true;
    const before = rating;
    mark(given);
    if (!(await send(given))) return mark(before);
    if (section.dataset.step === "ask") text(byId("feedback-noted"), texts.feedback.noted);
    return step("words");
  }

  async function send(given) {
    if (busy) return false;
    rest(true);
    say("");
    const body = { rating: given, comment: comment.value.trim() };
    const answer = await sendSurely("POST", `${api}/feedback`, body);
    rest(false);
    if (!answer.ok) say(texts.refusals[answer.code] ?? texts.refusals.failed, true);
    return answer.ok;
  }

  function thank() {
    step("thanks");
    byId("feedback-thanks").focus();
  }

  function step(name) {
    section.dataset.step = name;
    byId("feedback-form").hidden = name === "thanks";
    byId("feedback-words").hidden = name !== "words";
    byId("feedback-over").hidden = name !== "thanks";
  }

  function mark(given) {
    rating = given;
    for (const button of buttons) attribute(button, "aria-pressed", Number(button.dataset.rating) === given ? "true" : "false");
  }

  function rest(yes) {
    busy = yes;
    for (const button of section.querySelectorAll("button")) attribute(button, "aria-disabled", yes ? "true" : null);
  }
}
