/** The question of where to: a dialog of queues, answered with a click or a digit. */

import { byId, list, make, text } from "./dom.js";
import { fill } from "./words.js";

export class Transfer {
  /** `run(ticket, body)` sends what was chosen. */
  constructor(texts, run) {
    Object.assign(this, { texts, run });
    this.dialog = byId("transfer-dialog");
    this.dialog.addEventListener("keydown", (event) => this._digit(event));
    this.dialog.querySelector("[data-close]").addEventListener("click", () => this.dialog.close());
  }

  ask(ticket, queues) {
    const { transfer } = this.texts;
    this.ticket = ticket;
    text(byId("transfer-title"), fill(transfer.title, { label: ticket.label }));
    byId("keep-arrival").checked = true;
    list(byId("transfer-choices"), queues, (queue) => queue.id, () => make("li"), (item, queue) => {
      const place = queues.indexOf(queue) + 1;
      const here = queue.id === ticket.queue;
      const note = here ? transfer.here : queue.open ? "" : transfer.closed;
      const button = make("button", { type: "button", class: "choice", "aria-disabled": here ? "true" : null, "data-queue": queue.id });
      button.append(make("kbd", { "aria-hidden": "true" }, place < 10 ? String(place) : ""), make("span", {}, queue.name), make("span", { class: "soft" }, note));
      button.addEventListener("click", () => this._choose(button));
      item.replaceChildren(button);
    });
    this.dialog.showModal();
    this.dialog.querySelector(".choice:not([aria-disabled])")?.focus();
  }

  _digit(event) {
    if (!/^[1-9]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    const button = byId("transfer-choices").querySelectorAll(".choice")[Number(event.key) - 1];
    if (button) this._choose(button);
    event.preventDefault();
  }

  _choose(button) {
    if (button.hasAttribute("aria-disabled") || !this.dialog.open) return;
    const keep = byId("keep-arrival").checked;
    this.dialog.close();
    this.run(this.ticket, { queue: button.dataset.queue, keep_arrival: keep });
  }
}
