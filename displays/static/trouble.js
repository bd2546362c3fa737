/** Behind a page that could not be shown: ask until the server can, then load it. */

const AGAIN_MS = 3000;

async function again() {
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (answer && answer.status !== 503) location.reload();
  else setTimeout(again, AGAIN_MS);
}

setTimeout(again, AGAIN_MS);
