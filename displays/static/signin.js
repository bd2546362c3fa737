/** Staff sign in, then go on to where they wanted to be. */

import { attribute, byId, data, text } from "./dom.js";
import { send } from "./send.js";

const texts = data("texts");
const form = byId("form");
const button = form.querySelector("button");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const user = byId("user").value.trim();
  const password = byId("password").value;
  if (!user || !password) {
    byId(user ? "password" : "user").focus();
    return say(texts.mistakes.empty);
  }
  if (button.hasAttribute("aria-disabled")) return undefined;
  attribute(button, "aria-disabled", "true");
  say("");
  const answer = await send("POST", "/api/v1/session", { user, password });
  if (answer.ok) return location.assign(ours(document.body.dataset.next));
  attribute(button, "aria-disabled", null);
  say(wordsFor(answer));
  byId("password").select();
  return byId("password").focus();
});

const say = (words) => text(byId("mistake"), words);

/** Only what the server itself calls wrong is: a server that is away says nothing about a password. */
function wordsFor({ status, code }) {
  if (status === 401 || status === 403 || status === 422) return texts.mistakes.wrong;
  return texts.mistakes[code] ?? texts.mistakes.failed;
}

/** A path of ours, whatever the address said. */
function ours(next) {
  const url = new URL(next || "/desk", location.href);
  return url.origin === location.origin ? url.pathname + url.search : "/desk";
}
