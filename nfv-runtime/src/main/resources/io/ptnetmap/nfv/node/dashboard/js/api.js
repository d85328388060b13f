// SPDX-License-Identifier: BSD-2-Clause
//
// The node's API: requests with the session's token, problems as errors, pages as lists, operations as promises, and
// server-sent events read with fetch, since an EventSource cannot send the token.

const KEY = "nfv-token";

/** What the node answers where it does not do as asked: a problem of RFC 9457. */
export class ApiProblem extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `the node answered ${status}`);
    this.status = status;
    this.title = problem.title ?? `Status ${status}`;
    this.errors = Array.isArray(problem.errors) ? problem.errors : [];
  }
}

/** The token of this tab, never kept longer than the tab. */
export const session = {
  token: () => sessionStorage.getItem(KEY) ?? "",
  open(token) {
    sessionStorage.setItem(KEY, token);
  },
  close() {
    sessionStorage.removeItem(KEY);
  },
  /** Takes the token out of `#token=...`, and that out of the address bar and the history. */
  takeFromAddress() {
    const found = /^#token=([^&]*)/.exec(location.hash);
    if (!found) return;
    session.open(decodeURIComponent(found[1]));
    history.replaceState(null, "", location.pathname + location.search + "#/chains");
  },
};

let refused = () => {};

/** Sets what is done when the node does not know the token. */
export function onRefused(listener) {
  refused = listener;
}

async function send(path, options = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  const token = session.token();
  if (token) headers.Authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(path, { ...options, headers, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiProblem(0, { title: "No connection", detail: "The node cannot be reached." });
  }
  if (response.ok || response.status === 304) return response;
  const problem = await response.json().catch(() => ({}));
  // What was asked for with an earlier token says nothing of this one.
  if (response.status === 401 && token === session.token()) refused();
  throw new ApiProblem(response.status, problem ?? {});
}

export async function get(path, headers) {
  return (await send(path, { headers })).json();
}

/** A document with its version. */
export async function getWithTag(path, accept = "application/json") {
  const response = await send(path, { headers: { Accept: accept } });
  const body = accept === "application/json" ? await response.json() : await response.text();
  return { body, tag: response.headers.get("ETag") };
}

/** All items of a list, over its pages. */
export async function list(path) {
  const items = [];
  let next = path + (path.includes("?") ? "&" : "?") + "limit=1000";
  while (next) {
    const page = await get(next);
    items.push(...page.items);
    next = page.next;
  }
  return items;
}

/**
 * Asks for a change and waits for its end.
 *
 * @param watch told of the operation each time that it is looked at
 * @returns the operation, ended; one that failed is an ApiProblem
 */
export async function change(method, path, { body, type, match, noneMatch, watch = () => {} } = {}) {
  const headers = { "Idempotency-Key": crypto.randomUUID?.() ?? String(Math.random()).slice(2), Prefer: "wait=5" };
  if (type) headers["Content-Type"] = type;
  if (match) headers["If-Match"] = match;
  if (noneMatch) headers["If-None-Match"] = noneMatch;
  const response = await send(path, { method, headers, body });
  let operation = await response.json();
  watch(operation);
  while (operation.state === "pending" || operation.state === "running") {
    await new Promise((resolve) => setTimeout(resolve, 300));
    operation = await get(`/v1/operations/${encodeURIComponent(operation.id)}`, { Prefer: "wait=20" });
    watch(operation);
  }
  if (operation.state === "failed") {
    throw new ApiProblem(operation.problem?.status ?? 500, operation.problem ?? { detail: "The operation failed." });
  }
  return operation;
}

/** Asks something of the node that changes nothing. */
export async function ask(path, body, type) {
  return (await send(path, { method: "POST", body, headers: { "Content-Type": type } })).json();
}

/** The bytes that come until the stream ends, or for so long. */
export async function collect(path, accept, millis) {
  const abort = new AbortController();
  const response = await send(path, { headers: { Accept: accept }, signal: abort.signal });
  const timer = setTimeout(() => abort.abort(), millis);
  const chunks = [];
  try {
    for await (const chunk of response.body) chunks.push(chunk);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  } finally {
    clearTimeout(timer);
  }
  return new Blob(chunks, { type: accept });
}

/** Cuts a stream of server-sent events into messages; see the HTML standard, "Interpreting an event stream". */
export class EventParser {
  constructor(listener) {
    this.listener = listener;
    this.rest = "";
    this.data = [];
    this.type = "";
    this.id = "";
  }

  push(text) {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop();
    lines.forEach((line) => this.#line(line));
  }

  #line(line) {
    if (line === "") {
      if (this.data.length) this.listener({ id: this.id, type: this.type || "message", data: this.data.join("\n") });
      this.data = [];
      this.type = "";
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.data.push(value);
    else if (field === "event") this.type = value;
    else if (field === "id") this.id = value;
  }
}

const SILENCE_MILLIS = 40_000;

/** What a stream of events has so far, the earliest first, and the id of the last one. */
export async function soFar(path) {
  const response = await send(path, { headers: { Accept: "text/event-stream" } });
  const events = [];
  let last = "";
  const parser = new EventParser((message) => {
    events.push(JSON.parse(message.data));
    last = message.id;
  });
  parser.push(await response.text());
  return { events, last };
}

/**
 * Follows a stream of events until it is closed; after a failure it asks again, from the last event on.
 *
 * @param onEvent told of each message, its data parsed
 * @param onState told `live`, `waiting` (with the seconds to the next try) or `refused`
 * @param last the id of the event after which it begins; without, it begins with what happens from now on
 */
export function follow(path, onEvent, onState = () => {}, last = "") {
  let closed = false;
  let attempt = 0;
  let abort = new AbortController();
  let wake = () => {};

  async function once() {
    abort = new AbortController();
    let silence = setTimeout(() => abort.abort(), SILENCE_MILLIS);
    const headers = { Accept: "text/event-stream" };
    const token = session.token();
    if (last) headers["Last-Event-ID"] = last;
    try {
      const response = await send(path, { headers, signal: abort.signal });
      onState("live");
      attempt = 0;
      const parser = new EventParser((message) => {
        if (message.type === "refused") {
          // The token was removed, or has expired, while the stream was open.
          const problem = JSON.parse(message.data);
          if (problem.status === 401 && token === session.token()) refused();
          throw new ApiProblem(problem.status, problem);
        }
        if (message.id) last = message.id;
        onEvent(message.type, JSON.parse(message.data), message.id);
      });
      const decoder = new TextDecoder();
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(() => abort.abort(), SILENCE_MILLIS);
        parser.push(decoder.decode(value, { stream: true }));
      }
    } finally {
      clearTimeout(silence);
    }
  }

  (async () => {
    while (!closed) {
      try {
        await once();
      } catch (error) {
        if (closed) return;
        if (error.status === 401 || error.status === 403) {
          onState("refused");
          return;
        }
      }
      if (closed) return;
      const seconds = Math.min(15, 2 ** Math.min(attempt++, 4));
      onState("waiting", seconds);
      await new Promise((resolve) => {
        wake = resolve;
        setTimeout(resolve, seconds * 1000);
      });
    }
  })();
  return {
    close() {
      closed = true;
      abort.abort();
      wake();
    },
    /** Does not wait for the next try. */
    retry: () => wake(),
  };
}
