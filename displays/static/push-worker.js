/** Shows what is pushed while the page is closed, and answers it without opening it. The token in a message is the whole
 * permission, as it is in the page's address. A classic script: not every browser takes a module here. */

const COMMANDS = {
  coming: ["tell", { what: "coming" }],
  moment: ["tell", { what: "moment" }],
  more_time: ["postpone", {}],
  back: ["rejoin", {}],
};
const SHAKE = [350, 150, 350, 150, 700];

self.addEventListener("push", (event) => event.waitUntil(show(event.data.json())));
self.addEventListener("notificationclick", (event) => event.waitUntil(answer(event.notification, event.action)));

/** One notification a ticket, the newer in place of the older; silent where the page is in sight, since it chimes. */
async function show(said) {
  const silent = Boolean(await page(said.token, (client) => client.visibilityState === "visible"));
  await self.registration.showNotification(said.title, {
    body: said.body,
    lang: said.lang,
    dir: said.dir,
    tag: said.tag,
    renotify: true,
    requireInteraction: said.stays,
    timestamp: said.at,
    icon: "/static/icon.svg",
    actions: said.actions,
    data: said,
    ...(silent ? { silent } : said.stays ? { vibrate: SHAKE } : {}),
  });
}

/** What became of an answer takes the place of what was answered. */
async function answer(notification, action) {
  const said = notification.data;
  if (!COMMANDS[action]) {
    notification.close();
    return open(said.token);
  }
  const [command, given] = COMMANDS[action];
  const went = await send(`/api/v1/t/${said.token}/${command}`, given);
  const body = went ? said.said[action] : said.said.failed;
  const { title, lang, dir, tag } = said;
  return self.registration.showNotification(title, { body, lang, dir, tag, silent: true, data: { ...said, actions: [] } });
}

/** Again with the same key while the server does not answer: it acts at most once. */
async function send(address, given) {
  const key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const headers = { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": key };
  for (const pause of [400, 1200, 0]) {
    const answered = await fetch(address, { method: "POST", headers, body: JSON.stringify(given) }).catch(() => null);
    if (answered && answered.status < 500) return answered.ok;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return false;
}

async function open(token) {
  const there = await page(token, () => true);
  return there ? there.focus() : self.clients.openWindow(`/t/${token}`);
}

/** A window that shows the ticket and is as `fits` says. */
async function page(token, fits) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.find((client) => new URL(client.url).pathname === `/t/${token}` && fits(client));
}
