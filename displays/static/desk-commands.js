/** Commands on their way: one at a time, each press with its own key, refusals as sentences. */

import { attribute, byId, text } from "./dom.js";

const SETTLE_MS = 1000; // the document normally follows within a few milliseconds
const SAID_MS = 20000; // a refusal is about its moment
const DOUBLE_MS = 400; // a double click is one press
const ON_DESK = ["open", "close", "call_next", "undo"];
const FORCED = ["check_in", "rejoin"]; // staff may, even when the queue's rules say no
const WITHOUT_DESK = ["check_in", "confirm", "rejoin"];

export class Commands {
  /** `session` signs in again; `seq()` is the newest document's. */
  constructor({ desk, texts, session, seq }) {
    Object.assign(this, { desk, texts, session, seq });
    this.busy = false;
    this.last = { name: "", at: 0 };
    this.onSettle = null;
    byId("status-more").addEventListener("click", () => this.more?.());
  }

  /** Send one command, for the desk or for a ticket. Ignored while another is on its way. */
  async run(name, ticket = null, body = {}) {
    if (this.busy || this._isDouble(name, ticket)) return;
    const before = this.seq();
    this._rest(true);
    this.say("");
    const answer = await this.session.post(this._address(name, ticket), this._body(name, body));
    this.last.at = Date.now();
    if (answer.ok) await this._settled(before);
    this._rest(false);
    if (!answer.ok) this._refused(answer.code, name, ticket);
  }

  /** A newer document came: what was sent is on the screen now. */
  seen(seq) {
    if (this.onSettle && seq > this.onSettle.before) this.onSettle.done();
  }

  /** The status line; `more` is a button for what may be done about it. Words are of trouble unless they are `good`. */
  say(words, more = null, good = false) {
    clearTimeout(this.saidTimer);
    if (words) this.saidTimer = setTimeout(() => this.say(""), SAID_MS);
    text(byId("status"), words);
    byId("status").classList.toggle("bad", Boolean(words) && !good);
    byId("status-more").hidden = !more;
    text(byId("status-more"), more?.words ?? "");
    this.more = more?.act ?? null;
  }

  /** Mark every control: `off` ones do not fit now, and all rest while a command is on its way. */
  mark() {
    for (const button of document.querySelectorAll("[data-command]")) {
      attribute(button, "aria-disabled", this.busy || "off" in button.dataset ? "true" : null);
    }
  }

  _isDouble(name, ticket) {
    const at = Date.now();
    const same = this.last.name === `${name} ${ticket?.id}` && at - this.last.at < DOUBLE_MS;
    this.last = { name: `${name} ${ticket?.id}`, at };
    return same;
  }

  _address(name, ticket) {
    const command = name === "take_over" ? "open" : name;
    if (!ticket && ON_DESK.includes(command)) return `/api/v1/desks/${this.desk}/${command}`;
    return `/api/v1/tickets/${ticket.id}/${command}`;
  }

  _body(name, body) {
    const onTicket = !ON_DESK.includes(name) && name !== "take_over" && !WITHOUT_DESK.includes(name);
    return onTicket ? { desk: this.desk, ...body } : body;
  }

  _rest(yes) {
    this.busy = yes;
    document.body.classList.toggle("busy", yes);
    this.mark();
  }

  _settled(before) {
    if (this.seq() > before) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.onSettle?.done(), SETTLE_MS);
      const done = () => {
        clearTimeout(timer);
        this.onSettle = null;
        resolve();
      };
      this.onSettle = { before, done };
    });
  }

  _refused(code, name, ticket) {
    if (code === "signed_out") return this.session.again();
    const { refusals, commands } = this.texts;
    const anyway = FORCED.includes(name) && ["too_early", "too_late", "staff_only"].includes(code);
    const act = () => this.run(name, ticket, { force: true });
    return this.say(refusals[code] ?? refusals.failed, anyway ? { words: commands.anyway, act } : null);
  }
}
