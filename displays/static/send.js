/** One request to the server, and its answer as a word. Never throws: no answer is an answer too. */

const PATIENCE_MS = 10000;
const FORBIDDEN = ["csrf", "elsewhere"]; // those of 403 that a page has words for

/** A new idempotency key, for one press of one button. Works without HTTPS, where randomUUID does not exist. */
export function pressKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Send JSON. Answers {ok, status, code, fields, body}: `code` is "" when it went well, the server's refusal word when it
 * gave one ("csrf" and "elsewhere" among them), else "signed_out", "too_many", "away" (no answer, or the store is away) or "failed".
 */
export async function send(method, address, body, { csrf = "", key = "" } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (csrf) headers["X-CSRF-Token"] = csrf;
  if (key) headers["Idempotency-Key"] = key;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE_MS);
  try {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const answer = await fetch(address, { method, headers, body: sent, signal: abort.signal });
    return outcome(answer, await answer.json().catch(() => null));
  } catch {
    return { ok: false, status: 0, code: "away", fields: [], body: null };
  } finally {
    clearTimeout(timer);
  }
}

/** Send, and again with the same key while the server is away: it acts at most once, so a lost answer does no harm. */
export async function sendSurely(method, address, body, options = {}, pauses = [400, 1200]) {
  const sure = { ...options, key: options.key || pressKey() };
  let answer = await send(method, address, body, sure);
  for (const pause of pauses) {
    if (answer.code !== "away") break;
    await new Promise((resolve) => setTimeout(resolve, pause));
    answer = await send(method, address, body, sure);
  }
  return answer;
}

function outcome(answer, body) {
  const error = body?.error ?? {};
  const code = answer.ok ? "" : word(answer.status, error.code);
  return { ok: answer.ok, status: answer.status, code, fields: error.fields ?? [], body };
}

function word(status, code) {
  if (status === 401) return "signed_out";
  if (status === 429) return "too_many";
  if (status === 502 || status === 503 || status === 504) return "away";
  return code && (status === 409 || status === 404 || FORBIDDEN.includes(code)) ? code : "failed";
}
