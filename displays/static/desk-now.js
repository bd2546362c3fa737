/** Who is at the desk: the number, how long it has been, and what may be done. */

import { byId, text, textOrHide } from "./dom.js";
import { currentFacts, fitting, nextStep, otherStaff, titleOf, undoable, undoWords } from "./desk-words.js";
import { fill, joined, stopwatch } from "./words.js";

export class Now {
  constructor(texts, user) {
    Object.assign(this, { texts, user });
    this.spoken = null;
  }

  draw(view, now) {
    this.view = view;
    const { texts } = this;
    text(byId("desk-name"), view.name);
    text(byId("location"), view.location);
    byId("open-close").dataset.command = view.open ? "close" : "open";
    text(byId("open-close"), view.open ? texts.bar.close_desk : texts.bar.open_desk);
    byId("primary").dataset.command = view.open ? "call_next" : "open";
    text(byId("primary-words"), view.open ? texts.commands.call_next : texts.commands.open);
    this._drawOthers(otherStaff(view, this.user));
    this._drawCurrent(view.current);
    this._speak(view.current);
    this.tick(now);
  }

  /** What moves with the clock; also what stops fitting when its time is over. */
  tick(now) {
    const { view, texts } = this;
    const { current } = view;
    const since = current?.state === "serving" ? current.started_at : current?.called_at;
    const words = current?.state === "serving" ? texts.serving_for : texts.called_for;
    textOrHide(byId("timer"), since ? fill(words, { time: stopwatch(now - since) }) : "");
    byId("undo").classList.toggle("away", !undoable(view, now)); // its place is kept: nothing may jump under a mouse
    if (view.undo) {
      text(byId("undo-words"), undoWords(view.undo, texts));
      text(byId("undo-left"), fill(texts.undo_left, { time: stopwatch(view.undo.until - now) }));
    }
    this._fit(fitting(view, now));
  }

  _fit(fits) {
    const step = nextStep(this.view);
    for (const button of document.querySelectorAll(".now [data-command]")) {
      const { command } = button.dataset;
      if (fits.has(command)) delete button.dataset.off;
      else button.dataset.off = "";
      button.classList.toggle("suggested", command === step);
    }
  }

  _drawCurrent(current) {
    const { view, texts } = this;
    const panel = byId("current");
    panel.dataset.state = current?.state ?? (view.open ? "idle" : "closed");
    panel.style.setProperty("--queue", current?.colour ?? "transparent");
    textOrHide(byId("current-state"), current ? texts.states[current.state] ?? current.state : "");
    text(byId("current-label"), current ? titleOf(current, view.time_zone) : "");
    text(byId("current-title"), current ? current.queue_name : this._idleTitle());
    const facts = current ? currentFacts(current, view, texts) : [this._idleWords()];
    text(byId("facts"), joined(facts));
    document.title = current ? `${titleOf(current, view.time_zone)} · ${view.name}` : view.name;
  }

  _idleTitle() {
    return this.view.open ? this.texts.idle_title : this.texts.closed_title;
  }

  _idleWords() {
    const [first] = this.view.waiting;
    if (!this.view.open) return this.texts.closed_text;
    return first ? fill(this.texts.idle_next, { label: titleOf(first) }) : this.texts.idle_empty;
  }

  _drawOthers(staff) {
    byId("others").hidden = !staff;
    text(byId("others-words"), staff ? fill(this.texts.others_here, { staff }) : "");
  }

  /** For those who do not see the screen: who came to the desk. */
  _speak(current) {
    const said = current ? `${current.id} ${current.state} ${current.calls}` : "";
    if (this.spoken !== null && said !== this.spoken && current?.state === "called") {
      text(byId("polite"), fill(this.texts.done.called, { label: titleOf(current) }));
    }
    this.spoken = said;
  }
}
