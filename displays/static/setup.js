/** Make the first administrator with the one-time link, then go to work. */

import { attribute, byId, data, text } from "./dom.js";
import { send } from "./send.js";

const SHORTEST = 10;
const FIELDS = ["user", "password", "again"];

const texts = data("texts");
const { token } = document.body.dataset;
const form = byId("form");
const button = form.querySelector("button");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = Object.fromEntries(FIELDS.map((name) => [name, byId(name).value]));
  const mistakes = mistakesIn(given);
  show(mistakes);
  if (Object.keys(mistakes).length || button.hasAttribute("aria-disabled")) return;
  attribute(button, "aria-disabled", "true");
  const answer = await send("POST", "/api/v1/setup", { token, user: given.user.trim(), password: given.password });
  if (answer.ok) location.assign("/desk");
  else refused(answer);
});

function mistakesIn({ user, password, again }) {
  const found = {};
  if (!user.trim()) found.user = texts.mistakes.user;
  if (password.length < SHORTEST) found.password = texts.mistakes.password;
  else if (password !== again) found.again = texts.mistakes.again;
  return found;
}

function refused({ status, code, fields }) {
  attribute(button, "aria-disabled", null);
  const named = Object.fromEntries(fields.filter(({ field }) => FIELDS.includes(field)).map(({ field }) => [field, texts.mistakes[field]]));
  show(named);
  if (Object.keys(named).length) return;
  const used = [401, 403, 404, 409, 410].includes(status);
  text(byId("mistake"), used ? texts.mistakes.used : texts.mistakes[code] ?? texts.mistakes.failed);
}

function show(mistakes) {
  text(byId("mistake"), "");
  for (const name of FIELDS) {
    text(byId(`${name}-mistake`), mistakes[name] ?? "");
    attribute(byId(name), "aria-invalid", mistakes[name] ? "true" : null);
  }
  form.querySelector("[aria-invalid]")?.focus();
}
