// SPDX-License-Identifier: BSD-2-Clause
//
// What happens on the node, and its log.

import { follow } from "./api.js";
import { h, replace, setText } from "./dom.js";
import { time } from "./format.js";
import { heading, tabs } from "./ui.js";

const KEPT_LINES = 500;
const GRAVE = new Set(["function-failed", "function-quarantined", "state-refused", "process-died", "gap"]);

/** `revision 3, state running`, where an event has no message of its own. */
function details(data) {
  return Object.entries(data ?? {})
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key} ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(", ");
}

/** One event as a line of a list. */
export function eventLine(event) {
  const about = [event.chain, event.function].filter(Boolean);
  return h(
    "li",
    { "data-grave": GRAVE.has(event.type) || event.data?.state === "failed" ? "true" : null },
    h("time", { datetime: event.time }, time(event.time)),
    h("span", { class: "event-type" }, event.type),
    about.length ? h("a", { href: `#/chains/${encodeURIComponent(event.chain)}${event.function ? `/functions/${encodeURIComponent(event.function)}` : ""}` }, about.join(" / ")) : null,
    h("span", { class: "message" }, event.message ?? details(event.data)),
  );
}

function logLine(line) {
  return h(
    "li",
    { "data-grave": line.level === "ERROR" ? "true" : null },
    h("time", { datetime: line.time }, time(line.time)),
    h("span", { class: "event-type" }, line.level),
    h("span", { class: "muted" }, [line.chain, line.logger?.split(".").pop()].filter(Boolean).join(" · ")),
    h("span", { class: "message log" }, line.message),
  );
}

export class EventsView {
  title = "Events";

  constructor(app) {
    this.app = app;
    this.words = h("input", { type: "search", placeholder: "Only what contains", "aria-label": "Only what contains", oninput: () => this.#fill() });
    this.list = h("ol", { class: "events" });
    this.lines = h("ol", { class: "events" });
    this.logs = [];
    this.logState = h("p", { class: "muted", hidden: true });
    this.tabs = tabs(
      "What to show",
      [
        { key: "events", title: "Events", open: () => h("div", { role: "log", "aria-live": "polite", "aria-relevant": "additions", "aria-label": "Events" }, this.list) },
        app.may("operate") ? { key: "log", title: "Log", open: () => this.#openLog() } : null,
      ].filter(Boolean),
      "events",
    );
    this.element = h("div", { class: "page" }, heading([], "Events"), h("div", { class: "filter" }, this.words), h("section", { class: "card" }, this.tabs.element));
    this.stop = app.onEvent((event) => this.#add(this.list, event, eventLine));
    this.#fill();
  }

  #matches(entry) {
    const words = this.words.value.trim().toLowerCase();
    return !words || JSON.stringify(entry).toLowerCase().includes(words);
  }

  #add(list, entry, render) {
    if (!this.#matches(entry)) return;
    list.querySelector(".empty")?.remove();
    list.prepend(render(entry));
    while (list.childElementCount > KEPT_LINES) list.lastElementChild.remove();
  }

  #fill() {
    const chosen = this.app.events.filter((event) => this.#matches(event));
    replace(this.list, chosen.length ? chosen.map(eventLine) : h("li", { class: "empty muted" }, "Nothing so far."));
    const lines = this.logs.filter((line) => this.#matches(line));
    replace(this.lines, lines.length ? lines.map(logLine) : h("li", { class: "empty muted" }, "Nothing so far."));
  }

  #openLog() {
    this.stream ??= follow(
      "/v1/logs",
      (_, line) => {
        this.logs.unshift(line);
        this.logs.length = Math.min(this.logs.length, KEPT_LINES);
        this.#add(this.lines, line, logLine);
      },
      (state) => {
        this.logState.hidden = state === "live";
        setText(this.logState, state === "refused" ? "Your token does not show the log." : "Reconnecting…");
      },
    );
    return [this.logState, h("div", { role: "log", "aria-live": "off", "aria-label": "Log" }, this.lines)];
  }

  close() {
    this.stop();
    this.stream?.close();
  }
}
