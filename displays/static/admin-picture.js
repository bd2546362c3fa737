/** Promise against truth: a mark a call, the range that it was shown, and the line on which both are the same. */

import { make } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [420, 380];
const [START, END, TOP, BOTTOM] = [56, 14, 14, 54];
const STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480];
const MARKS = { within: "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0", sooner: "M-4 -3L4 -3L0 4Z", later: "M-4 3L4 3L0 -4Z" };

/** How a call went: "within", "sooner" or "later". */
export const kindOf = (call) => (call.within ? "within" : call.wait_s < call.low_s ? "sooner" : "later");

/** The picture and its legend. In right-to-left pages time runs to the left. */
export function picture(calls, { id, title, about, texts }) {
  const scale = scaleOf(calls);
  const names = [`title-${id}`, `desc-${id}`];
  const drawn = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "picture", "aria-labelledby": names[0], "aria-describedby": names[1] },
    words("title", title, { id: names[0] }),
    words("desc", about, { id: names[1] }),
    ...axes(scale, texts),
    ...calls.map((call) => range(call, scale)),
    svg("line", { class: "same", x1: scale.x(0), y1: scale.y(0), x2: scale.x(scale.most), y2: scale.y(scale.most) }),
    ...calls.map((call) => mark(kindOf(call), scale.x(call.likely_s / 60), scale.y(call.wait_s / 60))),
  );
  return [drawn, legend(texts)];
}

function scaleOf(calls) {
  const longest = Math.max(1, ...calls.map((call) => Math.max(call.likely_s, call.wait_s) / 60));
  const step = STEPS.find((each) => longest / each <= 6) ?? STEPS[STEPS.length - 1];
  const most = Math.ceil(longest / step) * step;
  const across = (minutes) => START + (minutes / most) * (WIDTH - START - END);
  const mirrored = document.documentElement.dir === "rtl";
  return {
    step,
    most,
    side: mirrored ? WIDTH - START : START,
    outwards: mirrored ? 1 : -1,
    x: (minutes) => round(mirrored ? WIDTH - across(minutes) : across(minutes)),
    y: (minutes) => round(HEIGHT - BOTTOM - (minutes / most) * (HEIGHT - BOTTOM - TOP)),
  };
}

function axes(scale, texts) {
  const parts = [];
  for (let at = 0; at <= scale.most; at += scale.step) {
    parts.push(svg("line", { class: "grid", x1: scale.x(0), x2: scale.x(scale.most), y1: scale.y(at), y2: scale.y(at) }));
    parts.push(words("text", String(at), { class: "tick", x: scale.side + scale.outwards * 16, y: scale.y(at) + 4 }));
    parts.push(words("text", String(at), { class: "tick", x: scale.x(at), y: HEIGHT - BOTTOM + 18 }));
  }
  const middle = { x: scale.x(scale.most / 2), y: scale.y(scale.most / 2) };
  const turned = scale.side + scale.outwards * 40;
  parts.push(words("text", texts.across, { class: "axis", x: middle.x, y: HEIGHT - 8 }));
  parts.push(words("text", texts.up, { class: "axis", transform: `translate(${turned} ${middle.y}) rotate(${scale.outwards * 90})` }));
  return parts;
}

function range(call, scale) {
  const x = scale.x(call.likely_s / 60);
  const y = (s) => scale.y(Math.min(s / 60, scale.most));
  return svg("line", { class: "range", x1: x, x2: x, y1: y(call.low_s), y2: y(call.high_s) });
}

const mark = (kind, x, y) => svg("path", { class: `mark ${kind}`, d: MARKS[kind], transform: `translate(${x} ${y})` });

function legend(texts) {
  const item = (kind) =>
    make("li", {}, svg("svg", { viewBox: "-6 -6 12 12", class: "sign", "aria-hidden": "true" }, mark(kind, 0, 0)), texts.kinds[kind]);
  return make("ul", { class: "legend" }, ...Object.keys(MARKS).map(item));
}

function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function words(tag, said, attributes) {
  const element = svg(tag, attributes);
  element.textContent = said;
  return element;
}

const round = (value) => Math.round(value * 10) / 10;
