// Asks the HTTP API of this server, and follows its event streams. Knows no page.

// The server sends no browser dialog to those who come from the sign-in page.
const OPTIONS = { referrer: "/ui/login", credentials: "same-origin" };
const ROOT = "/api/v1/main/";
const PAUSES = [500, 1000, 2000, 5000, 10_000];

export class ApiError extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

const cookie = name => document.cookie.split("; ").find(part => part.startsWith(name + "="))?.slice(name.length + 1);
export const path = (...segments) => segments.map(encodeURIComponent).join("/");

async function send(url, options) {
  const headers = { "X-CSRF-TOKEN": cookie("XSRF-TOKEN") ?? "", ...options.headers };
  let response;
  try { response = await fetch(url, { ...OPTIONS, ...options, headers }); }
  catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "The server cannot be reached.");
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response) {
  const body = await response.json().catch(() => ({}));
  const lines = (body.errors ?? []).map(({ line, pointer = "", detail }) => {
    const place = [line && `Line ${line}`, pointer.slice(2).replaceAll("/", ".")].filter(Boolean).join(", ");
    return place ? `${place}: ${detail}` : detail;
  });
  const message = body.message ?? (response.status === 401 ? "Sign in first." : `The server answered ${response.status}.`);
  return new ApiError(response.status, lines.length ? lines.join("\n") : message);
}

export async function api(target, options = {}) {
  const response = await send(ROOT + target, options);
  return response.status === 204 ? null : response.json();
}
export const post = (target, value, signal) => api(target,
  { method: "POST", body: JSON.stringify(value), headers: { "Content-Type": "application/json" }, signal });

export async function signIn(username, password) {
  await send("/api/v1/login", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ username, password }) });
}
export const signOut = () => send("/api/v1/logout", { method: "POST" });

const waited = (ms, signal) => new Promise(done => {
  const timer = setTimeout(done, ms);
  signal.addEventListener("abort", () => { clearTimeout(timer); done(); }, { once: true });
});

// Calls take.start(), then take.event(data, ended) for each event until the one that ends, or until `signal`. A broken
// connection is made again, and told to take.lost(error) and, once it is back, by another take.start().
export async function follow(target, signal, take) {
  for (let failures = 0; !signal.aborted;) {
    try {
      const response = await send(ROOT + target, { signal, headers: { Accept: "text/event-stream" } });
      failures = 0;
      for await (const [id, data] of events(response.body)) {
        if (id === "start") take.start();
        else take.event(data, id === "end");
        if (id === "end") return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
    }
    take.lost();
    await waited(PAUSES[Math.min(failures++, PAUSES.length - 1)], signal);
  }
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
      const frames = text.split("\n\n");
      text = frames.pop();
      for (const frame of frames) {
        const [, id, data] = /^id: (.*)\ndata: (.*)$/s.exec(frame) ?? [];
        if (data !== undefined) yield [id, JSON.parse(data)];
      }
    }
  } finally { await reader.cancel().catch(() => {}); }
}
