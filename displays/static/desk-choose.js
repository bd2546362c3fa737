/** The choice of desk: a card each, the last one used first. */

import { byId, list, make, text } from "./dom.js";
import { send } from "./send.js";
import { fill } from "./words.js";

const AGAIN_MS = 5000;

/** Remember the desk for next time; a browser that forbids it only forgets. */
export function lastDesk(id) {
  try {
    if (id) localStorage.setItem("desk", id);
    return localStorage.getItem("desk");
  } catch {
    return null;
  }
}

/** This page's address with another desk, the language kept. */
export function addressOf(desk) {
  const url = new URL(location.href);
  if (desk) url.searchParams.set("desk", desk);
  else url.searchParams.delete("desk");
  return url.pathname + url.search;
}

/** Show the cards and keep them true. */
export function choose(desks, texts, session) {
  byId("choose").hidden = false;
  draw(desks, texts);
  setInterval(async () => {
    if (document.visibilityState === "hidden") return;
    const answer = await send("GET", "/api/v1/desks");
    if (answer.ok) draw(answer.body.desks, texts);
    else if (answer.code === "signed_out") session.again();
  }, AGAIN_MS);
}

function draw(desks, texts) {
  const last = lastDesk();
  const places = new Set(desks.map((desk) => desk.location));
  const sorted = [...desks].sort((a, b) => (b.id === last) - (a.id === last));
  byId("no-desks").hidden = desks.length > 0;
  list(byId("desks"), sorted, (desk) => desk.id, create, (item, desk) => fillCard(item, desk, texts, desk.id === last, places.size > 1));
}

function create(desk) {
  const card = make("a", { class: "desk-card", href: addressOf(desk.id) });
  for (const part of ["tag", "name", "place", "state"]) card.append(make("span", { class: `desk-${part}` }));
  return make("li", {}, card);
}

function fillCard(item, desk, texts, last, withPlace) {
  const part = (name) => item.querySelector(`.desk-${name}`);
  const { choose: words } = texts;
  text(part("tag"), desk.tag);
  text(part("name"), desk.name);
  text(part("place"), [withPlace ? desk.location_name : "", last ? words.last : ""].filter(Boolean).join(" · "));
  text(part("state"), !desk.open ? words.closed : desk.staff ? fill(words.open_staff, { staff: desk.staff }) : words.open);
  item.firstElementChild.classList.toggle("open", desk.open);
}
