/** What a desk's document means: which commands fit now, and the words for tickets. Pure functions. */

import { clock, fill, plural } from "./words.js";

const FITS = {
  called: ["recall", "start", "finish", "no_show", "hold", "put_back", "transfer", "cancel"],
  serving: ["finish", "hold", "transfer", "cancel"],
};
const STEP = { called: "start", serving: "finish" };
const MINUTE_MS = 60000;

/** The commands that the buttons beside the current ticket offer now. */
export function fitting(view, now) {
  const commands = new Set(FITS[view.current?.state] ?? []);
  commands.add(view.open ? "call_next" : "open");
  if (undoable(view, now)) commands.add("undo");
  return commands;
}

/** The command that usually comes next for who is at the desk. */
export const nextStep = (view) => STEP[view.current?.state] ?? "";

export const undoable = (view, now) => Boolean(view.undo) && now < view.undo.until;

export function undoWords(undo, texts) {
  const kinds = texts.undo_kinds;
  return fill(texts.undo_what, { what: fill(kinds[undo.kind] ?? kinds.other, { label: undo.label }) });
}

export const minutesSince = (at, now) => Math.max(0, Math.floor((now - at) / MINUTE_MS));

/** "12 min", counted from the moment the ticket started to wait. */
export const waitedWords = (ticket, now, texts) =>
  ticket.joined_at ? plural(texts.minutes, minutesSince(ticket.joined_at, now)) : "";

/** What a ticket is called where it has no number yet: the name, or the time. */
export const titleOf = (ticket, zone) => ticket.label || ticket.name || (ticket.slot_at ? clock(ticket.slot_at, zone) : "–");

/** What the person wrote lately, and why texts do not reach them. Their words keep to themselves, whatever way they run. */
export const wordsOf = (ticket, texts, most) => [
  ticket.no_texts ? texts.no_texts[ticket.no_texts] ?? texts.no_texts.failed : "",
  ...ticket.notes.slice(-most).map((note) => `\u2068${fill(texts.note, { text: note.text })}\u2069`),
];

/** The small print of a row in a list, most telling first. */
export function rowFacts(ticket, view, texts) {
  const mixed = view.waiting.some((other) => other.locale !== ticket.locale);
  return [
    ...wordsOf(ticket, texts, 1),
    ticket.label ? ticket.name : "",
    ticket.slot_at && ticket.label ? fill(texts.slot_short, { time: clock(ticket.slot_at, view.time_zone) }) : "",
    ticket.priority ? fill(texts.priority, { name: ticket.priority }) : "",
    ticket.retry_count ? plural(texts.retried, ticket.retry_count) : "",
    mixed ? speaks(ticket, texts) : "",
  ].filter(Boolean);
}

/** Everything worth knowing about who is at the desk. */
export function currentFacts(ticket, view, texts) {
  const waited = ticket.joined_at ? minutesSince(ticket.joined_at, ticket.called_at ?? view.at) : 0;
  return [
    ticket.name,
    ticket.slot_at ? fill(texts.slot, { time: clock(ticket.slot_at, view.time_zone) }) : "",
    ticket.priority ? fill(texts.priority, { name: ticket.priority }) : "",
    waited ? plural(texts.waited, waited) : "",
    ticket.state === "called" && ticket.calls > 1 ? plural(texts.called_times, ticket.calls) : "",
    ticket.retry_count ? plural(texts.retried, ticket.retry_count) : "",
    speaks(ticket, texts),
    ...wordsOf(ticket, texts, 5),
  ].filter(Boolean);
}

/** Their language, where it is another than the one staff chose for this page. */
function speaks(ticket, texts) {
  const lang = document.documentElement.lang;
  if (!ticket.locale || ticket.locale === lang) return "";
  return fill(texts.language_of, { name: new Intl.DisplayNames([lang], { type: "language" }).of(ticket.locale) });
}

/** Somebody else opened this desk: their name, else "". */
export const otherStaff = (view, user) => (view.open && view.staff && view.staff !== user ? view.staff : "");
