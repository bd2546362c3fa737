/** Time that runs out in sight, and can be made longer. */

const STEP_MS = 200;

/** `onTick(left, whole)` in ms several times a second, `onEnd()` once; `stop()` and `extend(ms)` while it runs. */
export function countdown(whole, { onTick, onEnd }) {
  let total = whole;
  let end = performance.now() + whole;
  const timer = setInterval(tick, STEP_MS);
  tick();

  function tick() {
    const left = end - performance.now();
    if (left > 0) return onTick(left, total);
    clearInterval(timer);
    return onEnd();
  }

  return {
    stop: () => clearInterval(timer),
    extend(ms) {
      total = ms;
      end = performance.now() + ms;
      tick();
    },
  };
}
