/** For whoever administers: what the store has lost, and of each location how true its waits are, looked up each minute. */

import { picture } from "./admin-picture.js";
import { COLUMNS, rows } from "./admin-table.js";
import { byId, data, list, make, text, textOrHide } from "./dom.js";
import { send } from "./send.js";
import { clock, fill, plural } from "./words.js";

const AGAIN_MS = 60000;

const texts = data("texts");
const overview = data("overview");
const lang = `${document.documentElement.lang}-u-nu-latn`;
const percent = new Intl.NumberFormat(lang, { style: "percent" });
const one = new Intl.NumberFormat(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
let seen = Date.now();

textOrHide(byId("lost"), overview.lost ? plural(texts.lost, overview.lost) : "");
draw(overview.locations);
setTimeout(again, AGAIN_MS);

async function again() {
  if (document.visibilityState === "visible") await refresh();
  setTimeout(again, AGAIN_MS);
}

async function refresh() {
  const found = [];
  for (const { location: id, name } of overview.locations) {
    const answer = await send("GET", `/api/v1/locations/${encodeURIComponent(id)}/waits`);
    if (answer.code === "signed_out") return location.assign(`/signin?next=${encodeURIComponent(location.pathname)}`);
    if (!answer.ok) return text(byId("stale"), fill(texts.stale, { time: clock(seen) }));
    found.push({ ...answer.body, name });
  }
  seen = Date.now();
  text(byId("stale"), "");
  return draw(found);
}

function draw(locations) {
  list(byId("locations"), locations, (each) => each.location, create, update);
}

function create(each) {
  const part = (tag, name, ...inside) => make(tag, { class: name }, ...inside);
  const id = `at-${each.location}`;
  const span = (name) => part("div", `span ${name}`, make("h4", {}, texts[name]), part("p", "share"), part("p", "error"), part("p", "soft"));
  const heads = COLUMNS.map((name) => make("th", { scope: "col" }, texts.columns[name]));
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody"));
  const scroll = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": `title-${each.location}` }, table);
  const figure = make("figure", {}, part("div", "drawing"), part("figcaption", "soft"));
  return make(
    "section",
    { class: "card", "aria-labelledby": id },
    make("h3", { id }, make("bdi")),
    part("p", "notice warn idle"),
    part("div", "spans", span("day"), span("week")),
    part("div", "calls", figure, make("details", {}, make("summary", {}, texts.table), scroll)),
  );
}

function update(section, each) {
  text(section.querySelector("h3 bdi"), each.name);
  textOrHide(section.querySelector(".idle"), each.estimated ? "" : texts.idle);
  for (const name of ["day", "week"]) tell(section.querySelector(`.${name}`), each[name]);
  const calls = section.querySelector(".calls");
  calls.hidden = each.calls.length === 0;
  if (calls.hidden) return;
  const title = fill(texts.picture, { name: each.name });
  const about = plural(texts.about, each.calls.length);
  const counts = fill(texts.counts, count(each.calls));
  const drawn = picture(each.calls, { id: each.location, title, about: `${about} ${counts}`, texts });
  section.querySelector(".drawing").replaceChildren(...drawn);
  text(section.querySelector("figcaption"), about);
  section.querySelector("tbody").replaceChildren(...rows(each.calls, texts, one));
}

/** The figures of one span of time, in words. */
function tell(span, score) {
  const part = (name) => span.querySelector(`.${name}`);
  const share = (n) => percent.format(n / score.called);
  const minutes = (s) => one.format(Math.abs(s) / 60);
  const none = score.called === 0;
  text(part("share"), none ? texts.nobody : plural(texts.within, score.called, { share: share(score.within) }));
  part("error").hidden = part("soft").hidden = none;
  if (none) return;
  text(part("error"), fill(texts.error, { error: minutes(score.error_s), plain: minutes(score.plain_error_s) }));
  const last = fill(texts.last, { share: share(score.within_last) });
  const bias = fill(score.bias_s > 0 ? texts.long : texts.short, { bias: minutes(score.bias_s) });
  text(part("soft"), `${last} ${bias} ${fill(texts.width, { width: minutes(score.width_s) })}`);
}

function count(calls) {
  const within = calls.filter((call) => call.within).length;
  const sooner = calls.filter((call) => call.wait_s < call.low_s).length;
  return { within, sooner, later: calls.length - within - sooner };
}
