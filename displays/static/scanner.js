/** A scanner that types: many characters faster than a person, then Enter, wherever on the page the focus is. */

const QUIET_MS = 50; // after a key, for so long it may still be the first one of a code
const LEAST = 12; // what is shorter is no code of a ticket
const BY_HAND = 3; // so many keys may somebody's fingers hit at once
const TYPING = "input, select, textarea, [contenteditable]";
const PASSING = ["Shift", "CapsLock", "AltGraph", "Alt", "Control", "Meta", "Fn"];

/* What a scanner means by a key, plain and with shift, where the machine's keyboard is set to another language. */
const MARKS = {
  Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:", Quote: "'\"",
  Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?", Space: "  ", Digit0: "0)", Digit1: "1!", Digit2: "2@",
  Digit3: "3#", Digit4: "4$", Digit5: "5%", Digit6: "6^", Digit7: "7&", Digit8: "8*", Digit9: "9(",
}; // prettier-ignore

export class Scanner {
  /** `onCode(text, plain)`: what was typed, and what the keys at those places say on an American keyboard. */
  constructor(onCode) {
    this.onCode = onCode;
    this._forget();
  }

  listen() {
    addEventListener("keydown", (event) => this._press(event), true);
    addEventListener("keyup", (event) => event.key === " " && this.text.length > 1 && event.preventDefault(), true);
  }

  /** Do what a key means, unless it turns out to be one of the first characters of a code. */
  hold(act) {
    if (this.text) this.held.push(act);
    else act();
  }

  _press(event) {
    if (document.querySelector("dialog[open]")) return this._settle();
    if (PASSING.includes(event.key)) return undefined;
    if (event.key === "Enter") return this._end(event);
    if (!isCharacter(event)) return this._settle();
    if (event.timeStamp - this.at > QUIET_MS) this._settle();
    if (!this.text) this._begin(event.target);
    this.text += event.key;
    this.plain += american(event);
    this.at = event.timeStamp;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this._release(), QUIET_MS);
    if (this.text.length > BY_HAND) this._more(event);
    return undefined;
  }

  _begin(target) {
    const field = target instanceof Element ? target.closest(TYPING) : null;
    this.field = field && { element: field, before: field.value };
  }

  /** Nobody types like that, so the first characters were no commands either. */
  _more(event) {
    this.held = [];
    if (!this.field) stop(event);
  }

  _end(event) {
    const { text, plain, field } = this;
    const burst = text.length > BY_HAND && event.timeStamp - this.at <= QUIET_MS;
    if (!burst || (field && text.length < LEAST)) return this._settle();
    this._forget();
    stop(event);
    if (text.length < LEAST) return undefined;
    if (field) give(field);
    return this.onCode(text, plain);
  }

  /** No code: a few keys were keys. */
  _settle() {
    const { held } = this;
    this._forget();
    for (const act of held) act();
  }

  /** It stays quiet. What was typed is kept: a busy page may get the rest of a code late, with the right times on it. */
  _release() {
    const { held } = this;
    this.held = [];
    for (const act of held) act();
  }

  _forget() {
    clearTimeout(this.timer);
    Object.assign(this, { text: "", plain: "", at: 0, held: [], field: null });
  }
}

/** Ask with what was typed; where nothing has that code, with what an American keyboard would have typed. */
export async function askTwice(ask, text, plain) {
  const answer = await ask(text);
  return answer.code === "not_found" && plain !== text ? ask(plain) : answer;
}

function isCharacter(event) {
  const combined = (event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState("AltGraph");
  return [...event.key].length === 1 && !combined && !event.repeat && !event.isComposing;
}

function american(event) {
  const upper = event.shiftKey !== event.getModifierState("CapsLock");
  if (/^Key[A-Z]$/.test(event.code)) return upper ? event.code[3] : event.code[3].toLowerCase();
  return MARKS[event.code]?.[event.shiftKey ? 1 : 0] ?? event.key;
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** A field is left as it was before the code ran into it. */
function give({ element, before }) {
  element.value = before;
  element.dispatchEvent(new Event("input", { bubbles: true }));
}
