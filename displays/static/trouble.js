/** Behind a page that could not be shown: ask until the server can, then load it. */

import { backoff } from "./live.js";

let failures = 0;

async function again() {
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (answer && answer.status !== 503) location.reload();
  else later();
}

function later() {
  setTimeout(again, backoff(failures, Math.random));
  failures += 1;
}

later();
