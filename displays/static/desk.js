/** The desk: choose one, then work it with one key a step. What is on screen is the newest document, nothing guessed. */

import { byId, data, text, textOrHide } from "./dom.js";
import { connect } from "./live.js";
import { addressOf, choose, lastDesk } from "./desk-choose.js";
import { Commands } from "./desk-commands.js";
import { listen } from "./desk-keys.js";
import { Lists } from "./desk-lists.js";
import { Now } from "./desk-now.js";
import { Scans } from "./desk-scan.js";
import { Session } from "./desk-session.js";
import { Told } from "./desk-told.js";
import { Transfer } from "./desk-transfer.js";
import { Scanner } from "./scanner.js";
import { clock, fill } from "./words.js";

const TICK_MS = 1000;
const LISTS_MS = 10000; // waits grow without a new document

const texts = data("texts");
const { user, csrf } = document.body.dataset;
const desk = new URLSearchParams(location.search).get("desk");

if (desk) work();
else choose(data("desks-data"), texts, new Session(csrf, texts, () => location.reload()));

function work() {
  let view = data("document");
  let connection = null;
  const session = new Session(csrf, texts, (who) => {
    now.user = who ?? now.user;
    text(byId("user"), now.user);
    listenAgain();
  });
  const commands = new Commands({ desk, texts, session, seq: () => view?.seq ?? -1 });
  const transfer = new Transfer(texts, (ticket, body) => commands.run("transfer", ticket, body));
  const lists = new Lists(texts, act);
  const now = new Now(texts, user);
  const told = new Told(data("message-texts"));
  const place = data("desks-data").find((one) => one.id === desk)?.location;
  const scans = new Scans({ commands, session, texts, place, lang: document.documentElement.lang });
  const scanner = new Scanner((typed, plain) => scans.read(typed, plain));
  const time = () => connection?.now() ?? Date.now();

  lastDesk(desk);
  byId("work").hidden = false;
  byId("change").href = addressOf("");
  buttons(act);
  scanner.listen();
  listen(key, (press) => scanner.hold(press));
  listenAgain();
  draw();
  setInterval(() => view && (now.tick(time()), commands.mark()), TICK_MS);
  setInterval(draw, LISTS_MS);

  function draw() {
    if (!view) return;
    now.draw(view, time());
    lists.draw(view, time());
    told.draw(view);
    commands.mark();
  }

  function listenAgain() {
    connection?.close();
    connection = connect(`/live/desk/${encodeURIComponent(desk)}`, {
      document: view,
      onDocument(newer) {
        view = newer;
        draw();
        commands.seen(view.seq);
      },
      onState: (state, detail) => sayState(state, detail, session, view?.time_zone),
    });
  }

  /** One command by name: from a button, a row or a key. Without a ticket it is for who is at the desk. */
  function act(name, ticket = null) {
    if (name === "transfer") return (ticket ?? view?.current) && transfer.ask(ticket ?? view.current, view.queues);
    if (["open", "close", "call_next", "undo", "take_over"].includes(name)) return commands.run(name);
    const whom = ticket ?? view?.current;
    return whom && commands.run(name, whom);
  }

  function key(name) {
    if (name === "down" || name === "up") return lists.step(name === "down" ? 1 : -1);
    if (name === "help") return byId("keys-dialog").showModal();
    if (name === "escape") return lists.release() || document.activeElement.blur();
    const button = name === "primary" ? byId("primary") : document.querySelector(`.now [data-command="${name}"]`);
    if ("off" in button.dataset) return false;
    return act(button.dataset.command);
  }
}

/** Buttons of the page itself; rows bring their own. A mouse click lets go, so that the next key is a command again. */
function buttons(act) {
  for (const button of document.querySelectorAll("[data-command]")) {
    button.addEventListener("click", () => button.getAttribute("aria-disabled") === "true" || act(button.dataset.command));
  }
  addEventListener("click", (event) => {
    if (event.detail > 0 && event.target instanceof Element) event.target.closest("button:not(.row, dialog *)")?.blur();
  });
  byId("show-keys").addEventListener("click", () => byId("keys-dialog").showModal());
  byId("keys-dialog").querySelector("[data-close]").addEventListener("click", () => byId("keys-dialog").close());
}

function sayState(state, detail, session, zone) {
  const stale = byId("stale");
  byId("link-state").dataset.state = state;
  byId("link-state").hidden = state !== "live";
  if (state === "stale") textOrHide(stale, fill(texts.stale, { time: clock(detail, zone) }));
  else if (state === "ended" && detail === "unknown") textOrHide(stale, texts.ended);
  else textOrHide(stale, "");
  if (state === "ended" && detail === "not_allowed") session.again();
}
