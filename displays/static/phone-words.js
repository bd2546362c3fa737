/** What a ticket's document means in words: a pure function of the document, the texts and the time. */

import { clock, fill, moment, plural } from "./words.js";

const STEPS = ["far", "near", "next"];
const EARLY = ["booked", "held", ...STEPS]; // there is time left for messages, sound, another phone

/** Everything that the page shows for `ticket` at `now` (the server's clock). */
export function picture(ticket, texts, now) {
  const waits = STEPS.includes(ticket.phase);
  const way = ticket.desk ? wayTo(ticket, texts) : { to: "", desk: "", place: "" };
  const headline = headlineOf(ticket, texts);
  return {
    phase: ticket.phase,
    step: STEPS.indexOf(ticket.phase),
    early: EARLY.includes(ticket.phase),
    travel: ticket.travel_min ?? 0,
    label: ticket.label,
    headline,
    wait: waits ? waitOf(ticket, texts.wait, now) : ticket.phase === "booked" ? thenOf(ticket.wait, texts.wait) : "",
    todo: todoOf(ticket, texts, now),
    goTo: ticket.phase === "called" ? way.to : "",
    desk: ticket.phase === "called" ? way.desk : "",
    place: ticket.phase === "serving" ? way.place : "",
    slot: ticket.phase === "booked" && ticket.slot_at ? moment(ticket.slot_at, now, ticket.time_zone) : "",
    calledAt: calledAtOf(ticket, texts),
    lastCalled: waits ? ticket.last_called : "",
    title: titleOf(ticket, texts, headline, way.place),
    can: canOf(ticket, now),
    rating: ticket.rating ?? 0,
  };
}

/** "Go to desk" and a huge "3": the last short word of "Desk 3" is what people look for, a bare "3" needs its kind. */
function wayTo({ desk, kind }, texts) {
  if (/^\S{1,3}$/.test(desk)) {
    const place = fill(texts.place[kind] ?? texts.place.desk, { desk });
    return { to: texts.go_to[kind] ?? texts.go_to.desk, desk, place };
  }
  const [, name, tag] = /^(.*\S)\s+(\S{1,3})$/.exec(desk) ?? [];
  if (!tag) return { to: texts.go_to.name, desk, place: desk };
  return { to: fill(texts.go_to.place, { place: name }), desk: tag, place: desk };
}

function headlineOf({ phase, ahead }, texts) {
  if (STEPS.includes(phase)) {
    if (ahead === null) return texts.headline.waiting;
    return ahead === 0 ? texts.headline.next_up : plural(texts.ahead, ahead);
  }
  return texts.headline[phase] ?? texts.headline.waiting;
}

/** Before the doors open, when they do says more than that it will be long. */
function waitOf({ wait, opens_at: opensAt, time_zone: zone }, texts, now) {
  if (opensAt && (!wait || wait.low >= 60)) return fill(texts.opens, { time: moment(opensAt, now, zone) });
  if (!wait) return texts.unknown;
  return wait.high <= 1 ? texts.soon : rangeOf(wait, texts);
}

/** Of a booking: from its time on, in the middle of a sentence. */
function thenOf(wait, texts) {
  if (!wait) return "";
  const words = rangeOf(wait, texts);
  return fill(texts.then, { wait: words.charAt(0).toLowerCase() + words.slice(1) });
}

function rangeOf({ low, high }, texts) {
  if (low >= 60) return texts.over;
  if (low === high && high > 0) return plural(texts.about, high);
  return low === 0 ? plural(texts.under, Math.max(1, high)) : plural(texts.range, high, { low });
}

function todoOf(ticket, texts, now) {
  const { todo, why_cancelled: why } = texts;
  if (ticket.phase === "cancelled") return why[ticket.close_reason] ?? why.other;
  if (ticket.phase === "booked" && ticket.check_in_by === "staff") return todo.booked_staff;
  if (ticket.phase === "booked" && !ticket.can.includes("check_in")) return todo.booked_wait;
  if (ticket.phase === "called" && !ticket.desk) return todo.called_no_desk;
  if (ticket.phase === "missed") {
    if (!mayRejoin(ticket, now)) return todo.missed_late;
    return fill(todo.missed, { time: clock(ticket.rejoin_until, ticket.time_zone) });
  }
  return todo[ticket.phase] ?? "";
}

function calledAtOf(ticket, texts) {
  if (ticket.phase !== "called" || !ticket.called_at) return "";
  return fill(texts.called_at, { time: clock(ticket.called_at, ticket.time_zone) });
}

function titleOf(ticket, texts, headline, place) {
  const { titles } = texts;
  const { label } = ticket;
  if (ticket.phase === "called") return fill(place ? titles.called : titles.called_no_desk, { place, label });
  if (STEPS.includes(ticket.phase) && ticket.ahead !== null) {
    return ticket.ahead === 0 ? fill(titles.next_up, { label }) : plural(titles.ahead, ticket.ahead, { label });
  }
  return fill(titles.other, { label, headline });
}

/** The page may stay open longer than the time to come back: then the button goes without waiting to be told. */
function mayRejoin(ticket, now) {
  return ticket.rejoin_until !== null && now < ticket.rejoin_until && ticket.can.includes("rejoin");
}

function canOf(ticket, now) {
  return ticket.can.filter((command) => command !== "rejoin" || mayRejoin(ticket, now));
}

/** What is spoken when `next` takes the place of `before`: {polite, now}, "" where nothing new is to be said. */
export function announcement(before, next, texts) {
  if (next.phase === "called") {
    const place = next.goTo ? `${next.goTo} ${next.desk}` : next.todo.replace(/\.$/, "");
    return { polite: "", now: fill(texts.announce.called, { label: next.label, place }) };
  }
  if (before && before.headline === next.headline && before.phase === next.phase) return { polite: "", now: "" };
  return { polite: before ? [next.headline, next.wait, next.todo].filter(Boolean).join(". ") : "", now: "" };
}
