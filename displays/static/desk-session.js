/** Who is signed in, and signing in again without leaving the page. */

import { byId, text } from "./dom.js";
import { pressKey, send, sendSurely } from "./send.js";

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

  /** Send a command of this session. Who signed in anew in another window has made this page's token old: get the new. */
  async post(address, body) {
    const key = pressKey();
    const answer = await sendSurely("POST", address, body, { csrf: this.csrf, key });
    if (answer.code !== "csrf" || !(await this._renew())) return answer;
    return sendSurely("POST", address, body, { csrf: this.csrf, key });
  }

  async _renew() {
    const answer = await send("GET", "/api/v1/session");
    if (answer.ok) this._begin(answer.body);
    return answer.ok;
  }

  _begin({ user, csrf }) {
    this.csrf = csrf;
    this.onAgain(user);
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
    byId("session-password").value = "";
    this.dialog.close();
    return this._begin(answer.body);
  }

  async _signOut() {
    await send("DELETE", "/api/v1/session", undefined, { csrf: this.csrf });
    location.assign("/signin");
  }
}
