/** What the person at the desk was told: by which way, and what came of it. Looked up beside the work, never before it. */

import { byId, list, make, text } from "./dom.js";
import { cost, kind, medium, said, state, why } from "./message-words.js";
import { send } from "./send.js";
import { clock, joined } from "./words.js";

const LOOKS_MS = [1000, 3000, 10000, 30000]; // after the call; what carriers tell comes within seconds, or much later

export class Told {
  constructor(texts) {
    this.texts = texts;
    this.ticket = "";
    this.zone = "";
  }

  /** Whose messages are wanted now: whatever the desk's document says. */
  draw(view) {
    const { id = "", calls = 0 } = view.current ?? {};
    this.zone = view.time_zone;
    const wanted = id && `${id} ${calls}`;
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    if (id !== this.ticket) this._show([]);
    this.ticket = id;
    this._later(0);
  }

  _later(look) {
    clearTimeout(this.timer);
    if (this.ticket) this.timer = setTimeout(() => this._look(look), LOOKS_MS[Math.min(look, LOOKS_MS.length - 1)]);
  }

  async _look(look) {
    const asked = this.wanted;
    const hidden = document.visibilityState === "hidden";
    const answer = hidden ? null : await send("GET", `/api/v1/tickets/${this.ticket}/messages`);
    if (asked !== this.wanted) return; // somebody else is here by now
    if (answer?.ok) this._show(answer.body.messages);
    this._later(look + 1);
  }

  _show(messages) {
    const { texts } = this;
    byId("told").hidden = messages.length === 0;
    if (messages.length) this._line(byId("told-newest"), messages[0]);
    else byId("told").open = false;
    const key = (message) => `${message.id} ${message.at}`;
    const create = () => make("li", {}, make("time", { class: "number" }), " ", make("span"));
    list(byId("told-list"), messages, key, create, (item, message) => {
      text(item.firstElementChild, clock(message.at, this.zone));
      this._line(item.lastElementChild, message);
    });
    byId("told").dataset.count = messages.length;
    text(byId("told-title"), texts.title);
  }

  _line(element, message) {
    const { texts } = this;
    element.dataset.state = message.dead ? "dead" : message.state;
    const came = said(message, texts) || state(message, texts);
    text(element, joined([kind(message, texts), medium(message, texts), came, why(message, texts), cost(message, texts)]));
  }
}
