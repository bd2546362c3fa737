/** The little that pages need to keep the document's picture on screen: text, attributes, keyed lists. */

export const byId = (id) => document.getElementById(id);

/** The JSON that the server put into the page under this id. */
export const data = (id) => JSON.parse(byId(id).textContent);

/** Set an element's words, only when they change: a live region speaks at every change. */
export function text(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/** Set the words and hide the element when there are none. */
export function textOrHide(element, words) {
  text(element, words || "");
  element.hidden = !words;
}

export function attribute(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** `make("p", {class: "soft"}, "words", child)`: an element with attributes; strings become text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) attribute(element, name, value);
  element.append(...children);
  return element;
}

/**
 * Bring the children of `parent` in line with `items`: same key, same element, so focus and scroll stay where they are.
 * `create(item)` makes an element, `update(element, item)` brings it up to date.
 */
export function list(parent, items, key, create, update) {
  const held = parent.contains(document.activeElement) ? document.activeElement : null;
  const keys = new Set(items.map((item) => String(key(item))));
  const old = new Map();
  for (const child of [...parent.children]) {
    if (keys.has(child.dataset.key)) old.set(child.dataset.key, child);
    else child.remove();
  }
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    const element = old.get(name) ?? create(item);
    element.dataset.key = name;
    update(element, item);
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  if (held && held.isConnected && held !== document.activeElement) held.focus();
}
