/** Who is signed in, and signing in again without leaving the page. */

import { byId, text } from "./dom.js";
import { send } from "./send.js";

export class Session {
  /** `onAgain()` is called when somebody has signed in again. */
  constructor(csrf, texts, onAgain) {
    Object.assign(this, { csrf, texts, onAgain });
    this.dialog = byId("session-dialog");
    this.dialog.addEventListener("cancel", (event) => event.preventDefault());
    byId("session-form").addEventListener("submit", (event) => this._signIn(event));
    for (const button of document.querySelectorAll("[data-sign-out]")) {
      button.addEventListener("click", () => this._signOut());
    }
  }

  /** The session has ended: ask for the password on top of the page. */
  again() {
    if (!this.dialog.open) this.dialog.showModal();
  }

  async _signIn(event) {
    event.preventDefault();
    const form = new FormData(byId("session-form"));
    const given = { user: form.get("user").trim(), password: form.get("password") };
    text(byId("session-mistake"), "");
    const answer = await send("POST", "/api/v1/session", given);
    if (!answer.ok) {
      const { session, refusals } = this.texts;
      return text(byId("session-mistake"), refusals[answer.code === "signed_out" ? "" : answer.code] ?? session.wrong);
    }
    this.csrf = answer.body.csrf;
    byId("session-password").value = "";
    this.dialog.close();
    return this.onAgain(answer.body.user);
  }

  async _signOut() {
    await send("DELETE", "/api/v1/session", undefined, { csrf: this.csrf });
    location.assign("/signin");
  }
}
