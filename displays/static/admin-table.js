/** The picture of promise and truth in rows, by how long was promised. */

import { kindOf } from "./admin-picture.js";
import { make } from "./dom.js";
import { fill } from "./words.js";

/** In order, by the names of their heads. */
export const COLUMNS = ["promised", "people", "sooner", "within", "later", "mean"];

const FROM = [0, 5, 10, 20, 40]; // minutes, each up to the next

/** One row for each length of promise that there was. */
export function rows(calls, texts, format) {
  return FROM.map((from, n) => row(calls, texts, format, from, FROM[n + 1])).filter(Boolean);
}

function row(calls, texts, format, from, to) {
  const here = calls.filter((call) => call.likely_s >= from * 60 && (to === undefined || call.likely_s < to * 60));
  if (here.length === 0) return null;
  const of = (kind) => String(here.filter((call) => kindOf(call) === kind).length);
  const mean = here.reduce((sum, call) => sum + call.wait_s, 0) / here.length / 60;
  const promised = to === undefined ? fill(texts.more, { n: from }) : `${from}–${to}`;
  const cells = [String(here.length), of("sooner"), of("within"), of("later"), format.format(mean)];
  const head = make("th", { scope: "row" }, make("bdi", {}, promised));
  return make("tr", {}, head, ...cells.map((cell) => make("td", {}, cell)));
}
