/** Words with numbers, names and times in them, in the language of the page. */

const rtl = /^(ar|fa|he|ur)\b/;

/** `fill("{n} ahead", {n: 3})`. What is filled in is isolated in right-to-left text, so that "A017" stays in one piece. */
export function fill(words, values, lang = document.documentElement.lang) {
  const [open, close] = rtl.test(lang) ? ["\u2068", "\u2069"] : ["", ""];
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? open + values[name] + close : whole));
}

/** The form that the language wants for `n`, filled in. Forms are keyed by CLDR category. */
export function plural(forms, n, values = {}, lang = document.documentElement.lang) {
  const form = forms[new Intl.PluralRules(lang).select(n)] ?? forms.other;
  return fill(form, { n, ...values }, lang);
}

/** The clock on the wall of the place: "14:05". Western digits everywhere, as on the tickets and the board. */
export function clock(at, timeZone, lang = document.documentElement.lang) {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone };
  return new Intl.DateTimeFormat(`${lang}-u-nu-latn`, options).format(at);
}

/** "14:05", and the day before it unless it is today there. */
export function moment(at, now, timeZone, lang = document.documentElement.lang) {
  const day = new Intl.DateTimeFormat(`${lang}-u-nu-latn`, { weekday: "long", day: "numeric", month: "long", timeZone });
  const time = clock(at, timeZone, lang);
  return day.format(at) === day.format(now) ? time : `${day.format(at)}, ${time}`;
}

/** A duration as on a stopwatch: "0:07", "12:40", "1:02:03". */
export function stopwatch(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Small facts in one line; where the line breaks the dot stays behind. */
export const joined = (facts) => facts.filter(Boolean).join("\u00a0· ");
