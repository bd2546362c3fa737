/** The keyboard of a desk: which key means which command. */

const LETTERS = {
  n: "primary",
  r: "recall",
  s: "start",
  f: "finish",
  x: "no_show",
  h: "hold",
  b: "put_back",
  t: "transfer",
  c: "cancel",
  u: "undo",
};
const NAMED = { " ": "primary", Enter: "start", ArrowDown: "down", ArrowUp: "up", Escape: "escape", "?": "help" };
const TYPING = "input, select, textarea, [contenteditable]";
const PRESSING = "button, a[href], summary";

/** The letter pressed: the one written on the key, or in other scripts the one at its place. */
function letter(event) {
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  return /^Key[A-Z]$/.test(event.code) && event.key.length === 1 && event.key > "\u007f" ? event.code[3].toLowerCase() : "";
}

/** What a key press means at a desk, "" for nothing: held keys and other programs' combinations mean nothing. */
export function meaning(event) {
  if (event.repeat || event.altKey || event.isComposing) return "";
  if (event.ctrlKey || event.metaKey) return letter(event) === "z" && !event.shiftKey ? "undo" : "";
  return NAMED[event.key] ?? LETTERS[letter(event)] ?? "";
}

/**
 * Listen to the whole page; `act(name)` is called for keys that nobody is typing and no dialog wants. A character may be
 * the first of a code from a scanner: `hold(press)` sees whether it is, and presses it if not.
 */
export function listen(act, hold) {
  addEventListener("keydown", (event) => {
    const name = meaning(event);
    const at = event.target instanceof Element ? event.target : document.body;
    if (!name || at.closest(TYPING) || document.querySelector("dialog[open]")) return;
    const native = (event.key === " " || event.key === "Enter") && at.closest(PRESSING) && !at.closest(".row");
    if (native) return;
    if (event.key.length > 1) return void (act(name) !== false && event.preventDefault());
    event.preventDefault();
    hold(() => act(name));
  });
}
