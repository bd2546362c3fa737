/** The lists beside the current ticket: waiting, held, booked, just closed, and the queues. */

import { byId, list, make, text } from "./dom.js";
import { rowFacts, titleOf, waitedWords, wordsOf } from "./desk-words.js";
import { clock, fill, joined, plural } from "./words.js";

const ROW_COMMANDS = ["call", "hold", "transfer", "cancel"];
const SHOWN = 50; // the document carries no more

export class Lists {
  /** `run(command, ticket)` is called for every button in a row. */
  constructor(texts, run) {
    Object.assign(this, { texts, run });
    this.chosen = ""; // the waiting ticket whose commands are shown
  }

  draw(view, now) {
    this.view = view;
    this.now = now;
    if (!view.waiting.some((ticket) => ticket.id === this.chosen)) this.chosen = "";
    this._rows("waiting", view.waiting, (ticket) => this._waitingRow(ticket), (row, ticket) => this._fillWaiting(row, ticket));
    this._simple("held", view.held, () => ["call", "release"], (ticket) => this._heldFacts(ticket));
    this._simple("booked", view.booked, (t) => [t.state === "reserved" ? "confirm" : "check_in"], (t) => this._bookedFacts(t));
    this._simple("recent", view.recent, (t) => (t.state === "no_show" ? ["rejoin"] : []), (t) => this._recentFacts(t));
    this._queues(view.queues);
  }

  /** Move along the waiting list with the arrow keys. */
  step(by) {
    const rows = [...byId("waiting").querySelectorAll(".row")];
    const at = rows.indexOf(document.activeElement);
    const to = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
    rows[to]?.focus();
  }

  /** The waiting ticket that has the focus, or null. */
  focused() {
    const key = document.activeElement?.closest("#waiting > [data-key]")?.dataset.key;
    return this.view?.waiting.find((ticket) => ticket.id === key) ?? null;
  }

  /** Let go of the chosen row. Answers whether there was one. */
  release() {
    const had = this.chosen !== "";
    this._choose("");
    return had;
  }

  _rows(name, items, create, update) {
    list(byId(name), items, (item) => item.id, create, update);
    const count = name === "waiting" ? this._waitingCount() : items.length;
    text(byId(`${name}-count`), count ? String(count) : "");
    byId(`${name}-none`).hidden = items.length > 0;
  }

  /** More may wait than the document lists: the queues know. */
  _waitingCount() {
    const counted = this.view.queues.filter((queue) => queue.served_here).reduce((sum, queue) => sum + queue.waiting, 0);
    const more = this.view.waiting.length >= SHOWN && counted > SHOWN;
    const { waiting_hint: hint, more: words } = this.texts.lists;
    text(byId("waiting-hint"), more ? fill(words, { n: SHOWN }) : hint);
    byId("waiting-hint").hidden = !this.view.waiting.length;
    return Math.max(counted, this.view.waiting.length);
  }

  _waitingRow(ticket) {
    const row = make("button", { type: "button", class: "row", "aria-expanded": "false" }, ...rowParts());
    const actions = make("div", { class: "row-actions", hidden: "" });
    for (const name of ROW_COMMANDS) actions.append(this._button(name, ticket.id, name === "call" ? "primary" : ""));
    row.addEventListener("click", () => this._choose(this.chosen === ticket.id ? "" : ticket.id));
    row.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      this.run("call", this.view.waiting.find((waiting) => waiting.id === ticket.id));
    });
    return make("li", {}, row, actions);
  }

  _fillWaiting(item, ticket) {
    const since = ticket.joined_at ? fill(this.texts.since, { time: clock(ticket.joined_at, this.view.time_zone) }) : "";
    this._fill(item, ticket, [ticket.queue_name, ...rowFacts(ticket, this.view, this.texts)]);
    text(item.querySelector(".side-top"), waitedWords(ticket, this.now, this.texts));
    text(item.querySelector(".side-low"), since);
    this._unfold(item, ticket.id === this.chosen);
  }

  _simple(name, items, commandsOf, factsOf) {
    const create = () => make("li", { class: "simple" }, make("div", { class: "row-still" }, ...rowParts()));
    const update = (item, ticket) => {
      if (item.dataset.state !== ticket.state) {
        for (const button of item.querySelectorAll("button")) button.remove();
        item.append(...commandsOf(ticket).map((command) => this._button(command, ticket.id)));
        item.dataset.state = ticket.state;
      }
      const time = name === "booked" && ticket.slot_at ? clock(ticket.slot_at, this.view.time_zone) : undefined;
      this._fill(item, ticket, factsOf(ticket), time);
    };
    this._rows(name, items, create, update);
  }

  _fill(item, ticket, [first, ...rest], title = titleOf(ticket, this.view.time_zone)) {
    item.style.setProperty("--queue", ticket.colour);
    text(item.querySelector(".row-label"), title);
    text(item.querySelector(".row-first"), first ?? "");
    text(item.querySelector(".row-rest"), joined(rest));
  }

  _heldFacts(ticket) {
    const { held_here: here, held_by: by } = this.texts.lists;
    const place = ticket.held_by === this.view.desk ? here : ticket.held_by && fill(by, { name: ticket.held_by });
    return [ticket.queue_name, ...wordsOf(ticket, this.texts, 1), place, ticket.name];
  }

  _recentFacts(ticket) {
    return [this.texts.states[ticket.state] ?? ticket.state, ticket.queue_name, ...wordsOf(ticket, this.texts, 1), ticket.name];
  }

  /** A booking is known by its time: it has no number yet. */
  _bookedFacts(ticket) {
    const known = ticket.name || ticket.label;
    return [known || ticket.queue_name, known ? ticket.queue_name : "", ...wordsOf(ticket, this.texts, 1)];
  }

  _button(name, id, style = "") {
    const button = make("button", { type: "button", class: style || "small-button", "data-command": name }, this.texts.commands[name]);
    button.addEventListener("click", () => this.run(name, this._find(id)));
    return button;
  }

  _find(id) {
    const { waiting, held, booked, recent } = this.view;
    return [...waiting, ...held, ...booked, ...recent].find((ticket) => ticket.id === id);
  }

  _choose(id) {
    this.chosen = id;
    for (const item of byId("waiting").children) this._unfold(item, item.dataset.key === id);
  }

  _unfold(item, yes) {
    item.querySelector(".row").setAttribute("aria-expanded", String(yes));
    item.querySelector(".row-actions").hidden = !yes;
  }

  _queues(queues) {
    const create = () => make("li", { class: "simple queue" }, make("div", { class: "row-still" }, ...rowParts()));
    list(byId("queues"), queues, (queue) => queue.id, create, (item, queue) => this._fillQueue(item, queue));
    byId("queues-none").hidden = true;
  }

  _fillQueue(item, queue) {
    const { lists } = this.texts;
    const wait = queue.wait ? plural(lists.wait, queue.wait.high, { low: queue.wait.low }) : lists.wait_unknown;
    item.classList.toggle("here", queue.served_here);
    item.style.setProperty("--queue", queue.colour);
    text(item.querySelector(".row-label"), queue.tag);
    text(item.querySelector(".row-first"), queue.name);
    text(item.querySelector(".row-rest"), joined([queue.open ? "" : lists.queue_closed, queue.served_here ? lists.served_here : ""]));
    text(item.querySelector(".side-top"), plural(lists.people, queue.waiting));
    text(item.querySelector(".side-low"), queue.open ? wait : "");
  }
}

function rowParts() {
  return [
    make("bdi", { class: "row-label number" }),
    make("span", { class: "row-about" }, make("span", { class: "row-first" }), make("span", { class: "row-rest" })),
    make("span", { class: "row-side" }, make("span", { class: "side-top" }), make("span", { class: "side-low" })),
  ];
}
