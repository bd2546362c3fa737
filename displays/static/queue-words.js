/** How many wait and how long, and when a place opens: the words that whoever takes a ticket reads. */

import { fill, moment, plural } from "./words.js";

export const waiting = (n, texts) => (n ? plural(texts.waiting, n) : texts.waiting_none);

export function wait(range, texts) {
  if (!range) return texts.wait_unknown;
  const { low, high } = range;
  if (high <= 1) return texts.wait_now;
  if (low >= 60) return texts.wait_over;
  if (low === high) return plural(texts.wait_exact, high, { high });
  return low === 0 ? plural(texts.wait_upto, high, { high }) : plural(texts.wait_range, high, { low, high });
}

/** "Opens 08:00", with the day unless it is today; "" while it is open or nobody knows. */
export function opens(location, now, texts) {
  if (location.open || !location.opens_at) return "";
  return fill(texts.opens, { time: moment(location.opens_at, now, location.time_zone) });
}

/** Whether anybody may take a ticket now. */
export const takesPeople = (location) => location.open && location.queues.some((queue) => queue.open);
