/** What a person may do from the phone page: check in, come back, take more time, leave, leave an address. */

import { attribute, byId, make, text } from "./dom.js";
import { send, sendSurely } from "./send.js";
import { offerTravel, showTravel } from "./travel.js";
import { fill, plural } from "./words.js";

const PLACES = [1, 2, 3];
const MINUTES = [5, 10];
const SAID_MS = 20000;

/** Wire every control; `reached` is called when an address was left. Returns `show(picture)`, which offers what the document allows. */
export function actions(api, texts, reached) {
  const press = presser(api, texts);
  for (const button of document.querySelectorAll("[data-command]")) {
    button.addEventListener("click", () => press(button.dataset.command));
  }
  postponing(press, texts);
  dialogs();
  contactForm(api, texts, reached);
  offerTravel(byId("travel"));
  byId("travel").addEventListener("change", ({ target }) => press("travel", { travel_min: Number(target.value) }, texts.travel_saved));
  for (const details of document.querySelectorAll("details")) {
    details.addEventListener("toggle", () => details.open && details.scrollIntoView({ block: "nearest" }));
  }
  handingOver(texts);
  return (picture) => show(picture, texts);
}

function show(picture, texts) {
  const may = (command) => picture.can.includes(command);
  const booked = picture.phase === "booked";
  for (const button of byId("main-actions").children) button.hidden = !may(button.dataset.command);
  byId("more").hidden = false;
  byId("rows").hidden = !picture.early;
  showTravel(byId("travel"), picture.travel);
  offerOrClose("postpone", may("postpone"));
  offerOrClose("leave", may("cancel"));
  text(byId("leave"), booked ? texts.leave_booking : texts.leave);
  text(byId("leave-yes"), booked ? texts.leave_booking : texts.leave);
  text(byId("leave-question"), booked ? texts.leave_booking_question : texts.leave_question);
  text(byId("leave-text"), booked ? "" : fill(texts.leave_text, { label: picture.label }));
  text(byId("stay"), booked ? texts.keep : texts.stay);
}

/** A question that can no longer be answered is taken away. */
function offerOrClose(name, may) {
  byId(name).hidden = !may;
  if (!may) byId(`${name}-dialog`).close();
}

/** One command at a time: while one is on its way the controls say that they are resting. */
function presser(api, texts) {
  let busy = false;
  return async (command, body = {}, done = "") => {
    if (busy) return;
    busy = true;
    resting(true);
    say("");
    const answer = await sendSurely("POST", `${api}/${command}`, body);
    busy = false;
    resting(false);
    for (const dialog of document.querySelectorAll("dialog")) dialog.close();
    say(answer.ok ? done : texts.refusals[answer.code] ?? texts.refusals.failed, !answer.ok);
  };
}

function resting(yes) {
  const selector = "[data-command], #postpone-choices button, #postpone, #leave, #contact-form button";
  for (const button of document.querySelectorAll(selector)) attribute(button, "aria-disabled", yes ? "true" : null);
}

let said = 0;

/** The line below the ticket: what became of a press. It goes by itself. */
export function say(words, bad = false) {
  const status = byId("status");
  clearTimeout(said);
  if (words) said = setTimeout(say, SAID_MS, "");
  text(status, words);
  status.classList.toggle("bad", bad);
}

function postponing(press, texts) {
  const choice = (words, body, attributes) => {
    const button = make("button", { type: "button", ...attributes }, words);
    button.addEventListener("click", () => press("postpone", body, texts.done_more_time));
    return button;
  };
  byId("postpone-choices").append(
    ...PLACES.map((n) => choice(plural(texts.let_first, n), { places: n }, {})),
    ...MINUTES.map((n) => choice(plural(texts.give_minutes, n), { minutes: n }, { "data-minutes": n })),
  );
}

function dialogs() {
  for (const name of ["postpone", "leave"]) {
    const dialog = byId(`${name}-dialog`);
    byId(name).addEventListener("click", () => dialog.showModal());
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  }
}

function contactForm(api, texts, reached) {
  const form = byId("contact-form");
  const mistake = (name, words) => {
    text(byId(`${name}-mistake`), words);
    attribute(byId(name), "aria-invalid", words ? "true" : null);
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
    const body = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
    mistake("phone", "");
    mistake("email", "");
    if (!Object.keys(body).length) return mistake("phone", texts.contact_empty);
    resting(true);
    const consent = { words: texts.contact_text, language: document.documentElement.lang };
    const answer = await send("POST", `${api}/contact`, { ...body, consent });
    resting(false);
    if (answer.ok) {
      byId("contact").open = false;
      reached();
      return say(texts.contact_saved);
    }
    for (const { field } of answer.fields) if (field in given) mistake(field, texts[`bad_${field}`]);
    if (!answer.fields.length) say(texts.refusals[answer.code] ?? texts.refusals.failed, true);
    form.querySelector("[aria-invalid]")?.focus();
  });
}

function handingOver(texts) {
  const copy = byId("copy");
  const address = location.origin + location.pathname;
  copy.hidden = !navigator.clipboard;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(address).then(() => text(copy, texts.copied), () => {});
  });
}
