/** What a scanner at the desk reads: who has a booking is checked in, and whose ticket it is stands in the status line. */

import { askTwice } from "./scanner.js";
import { fill } from "./words.js";

const BUSY_MS = 50;
const TRIES = 40; // a command that is on its way is waited for
const ANYWAY = ["too_early", "too_late", "staff_only"]; // staff may all the same
const OPEN = ["waiting", "called", "serving", "held"];

export class Scans {
  /** `place` is the location of the desk, `lang` the language of the page. */
  constructor({ commands, session, texts, place, lang }) {
    Object.assign(this, { commands, session, texts, place, lang });
  }

  async read(text, plain, force = false) {
    const { commands, session, place, lang } = this;
    for (let tries = 0; commands.busy && tries < TRIES; tries += 1) await new Promise((done) => setTimeout(done, BUSY_MS));
    commands.say("");
    const body = { location: place, locale: lang, ...(force ? { force } : {}) };
    const answer = await askTwice((code) => session.post("/api/v1/scan", { code, ...body }), text, plain);
    if (answer.ok) this._found(answer.body);
    else if (answer.code === "signed_out") session.again();
    else this._refused(answer.code, () => this.read(text, plain, true));
  }

  _found({ ticket, checked_in: arrived, desk }) {
    const { scan, commands } = this.texts;
    const word = arrived ? "checked_in" : OPEN.includes(ticket.state) ? ticket.state : "closed";
    const call = () => this.commands.run("call", ticket);
    const more = ticket.state === "waiting" ? { words: commands.call, act: call } : null;
    this.commands.say(fill(scan[word], { label: ticket.label, desk }), more, word !== "closed");
  }

  _refused(code, again) {
    const { scan, refusals, commands } = this.texts;
    const more = ANYWAY.includes(code) ? { words: commands.anyway, act: again } : null;
    this.commands.say(scan[code] ?? refusals[code] ?? refusals.failed, more);
  }
}
