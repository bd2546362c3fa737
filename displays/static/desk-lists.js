/** The lists beside the current ticket: waiting, held, booked, just closed, and the queues. */

import { byId, list, make, text } from "./dom.js";
import { rowFacts, titleOf, waitedWords } from "./desk-words.js";
import { clock, fill, joined, plural } from "./words.js";

const ROW_COMMANDS = ["call", "hold", "transfer", "cancel"];
const RECENT_COMMAND = { no_show: "rejoin" };
const BOOKED_COMMAND = { booked: "check_in", reserved: "confirm" };
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
    this.#rows("waiting", view.waiting, (ticket) => this.#waitingRow(ticket), (row, ticket) => this.#fillWaiting(row, ticket));
    this.#simple("held", view.held, () => "release", (ticket) => this.#heldFacts(ticket));
    this.#simple("booked", view.booked, (t) => BOOKED_COMMAND[t.state] ?? "check_in", (t) => this.#bookedFacts(t));
    this.#simple("recent", view.recent, (t) => RECENT_COMMAND[t.state] ?? "", (t) => [this.texts.states[t.state] ?? t.state]);
    this.#queues(view.queues);
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
    this.#choose("");
    return had;
  }

  #rows(name, items, create, update) {
    list(byId(name), items, (item) => item.id, create, update);
    const count = name === "waiting" ? this.#waitingCount() : items.length;
    text(byId(`${name}-count`), count ? String(count) : "");
    byId(`${name}-none`).hidden = items.length > 0;
  }

  /** More may wait than the document lists: the queues know. */
  #waitingCount() {
    const counted = this.view.queues.filter((queue) => queue.served_here).reduce((sum, queue) => sum + queue.waiting, 0);
    const more = this.view.waiting.length >= SHOWN && counted > SHOWN;
    const { waiting_hint: hint, more: words } = this.texts.lists;
    text(byId("waiting-hint"), more ? fill(words, { n: SHOWN }) : hint);
    byId("waiting-hint").hidden = !this.view.waiting.length;
    return Math.max(counted, this.view.waiting.length);
  }

  #waitingRow(ticket) {
    const row = make("button", { type: "button", class: "row", "aria-expanded": "false" }, ...rowParts());
    const actions = make("div", { class: "row-actions", hidden: "" });
    for (const name of ROW_COMMANDS) actions.append(this.#button(name, ticket.id, name === "call" ? "primary" : ""));
    row.addEventListener("click", () => this.#choose(this.chosen === ticket.id ? "" : ticket.id));
    row.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      this.run("call", this.view.waiting.find((waiting) => waiting.id === ticket.id));
    });
    return make("li", {}, row, actions);
  }

  #fillWaiting(item, ticket) {
    const since = ticket.joined_at ? fill(this.texts.since, { time: clock(ticket.joined_at, this.view.time_zone) }) : "";
    this.#fill(item, ticket, [ticket.queue_name, ...rowFacts(ticket, this.view, this.texts)]);
    text(item.querySelector(".side-top"), waitedWords(ticket, this.now, this.texts));
    text(item.querySelector(".side-low"), since);
    this.#unfold(item, ticket.id === this.chosen);
  }

  #simple(name, items, commandOf, factsOf) {
    const create = (ticket) => {
      const command = commandOf(ticket);
      const item = make("li", { class: "simple" }, make("div", { class: "row-still" }, ...rowParts()));
      if (command) item.append(this.#button(command, ticket.id));
      item.dataset.state = ticket.state;
      return item;
    };
    const update = (item, ticket) => {
      const command = commandOf(ticket);
      const button = item.querySelector("button");
      if (item.dataset.state !== ticket.state) {
        button?.remove();
        if (command) item.append(this.#button(command, ticket.id));
        item.dataset.state = ticket.state;
      }
      const time = name === "booked" && ticket.slot_at ? clock(ticket.slot_at, this.view.time_zone) : undefined;
      this.#fill(item, ticket, factsOf(ticket), time);
    };
    this.#rows(name, items, create, update);
  }

  #fill(item, ticket, [first, ...rest], title = titleOf(ticket, this.view.time_zone)) {
    item.style.setProperty("--queue", ticket.colour);
    text(item.querySelector(".row-label"), title);
    text(item.querySelector(".row-first"), first ?? "");
    text(item.querySelector(".row-rest"), joined(rest));
  }

  #heldFacts(ticket) {
    const by = ticket.held_by ? fill(this.texts.lists.held_by, { name: ticket.held_by }) : "";
    return [ticket.queue_name, by, ticket.name].filter(Boolean);
  }

  /** A booking is known by its time: it has no number yet. */
  #bookedFacts(ticket) {
    return [ticket.name || ticket.label || ticket.queue_name, ticket.name || ticket.label ? ticket.queue_name : ""].filter(Boolean);
  }

  #button(name, id, style = "") {
    const button = make("button", { type: "button", class: style || "small-button", "data-command": name }, this.texts.commands[name]);
    button.addEventListener("click", () => this.run(name, this.#find(id)));
    return button;
  }

  #find(id) {
    const { waiting, held, booked, recent } = this.view;
    return [...waiting, ...held, ...booked, ...recent].find((ticket) => ticket.id === id);
  }

  #choose(id) {
    this.chosen = id;
    for (const item of byId("waiting").children) this.#unfold(item, item.dataset.key === id);
  }

  #unfold(item, yes) {
    item.querySelector(".row").setAttribute("aria-expanded", String(yes));
    item.querySelector(".row-actions").hidden = !yes;
  }

  #queues(queues) {
    const create = () => make("li", { class: "simple queue" }, make("div", { class: "row-still" }, ...rowParts()));
    list(byId("queues"), queues, (queue) => queue.id, create, (item, queue) => this.#fillQueue(item, queue));
    byId("queues-none").hidden = true;
  }

  #fillQueue(item, queue) {
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
