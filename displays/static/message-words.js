/** What the outbox says of a message, in the language of the page. Pure functions. */

import { fill, plural } from "./words.js";

const AGAIN = /:again(\d+)$/;

/** What came of a message, and why: the server says it in English sentences, and what is not known stays as it is. */
export function reason(words, texts) {
  if (words in texts.reasons) return texts.reasons[words];
  for (const [english, own] of Object.entries(texts.reasons)) {
    const found = english.includes("{") && pattern(english).exec(words);
    if (found) return fill(own, Object.fromEntries(names(english).map((name, place) => [name, reason(found[place + 1], texts)])));
  }
  return words;
}

const names = (english) => [...english.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);

function pattern(english) {
  const parts = english.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^$()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("(.+)")}$`);
}

export const kind = (message, texts) => texts.kinds[message.kind] ?? message.kind;
export const medium = (message, texts) => texts.media[message.medium] ?? message.medium;
export const state = (message, texts) => texts.states[message.state] ?? message.state;

/** What it costs; "" for what is no text. */
export const cost = (message, texts) => (message.segments ? plural(texts.segments, message.segments) : "");

/** Where nothing but our own state tells how it went: why it did not get further. What went out has a number there. */
export const why = (message, texts) => (["sent", "shown"].includes(message.state) ? "" : reason(message.detail, texts));

/** What the carrier has told of it since. */
export const said = (message, texts) => (message.said ? reason(message.said, texts) : "");

/** Dead, and not sent again yet: a message that was has one with the same name and a higher number. */
export function mayGoAgain(message, messages) {
  const number = (id) => Number(AGAIN.exec(id)?.[1] ?? 0);
  const first = (id) => id.replace(AGAIN, "");
  const isLater = (other) => first(other.id) === first(message.id) && number(other.id) > number(message.id);
  return Boolean(message.dead) && !messages.some(isLater);
}
