// SPDX-License-Identifier: BSD-2-Clause
//
// What several views are built of: dialogs, messages, badges, tabs, reports of operations.

import { append, h, icon, ICONS, replace, setAttribute } from "./dom.js";
import { count, nanos, time } from "./format.js";

/** A button; `kind` is primary, danger, quiet or nothing. */
export function button(text, path, action, kind = "") {
  return h("button", { type: "button", class: kind, onclick: action }, path ? icon(path) : null, text);
}

export function badge(state) {
  return h("span", { class: "badge", "data-state": state }, h("i", {}), h("span", {}, state));
}

/** Gives a badge another state. */
export function setBadge(element, state) {
  setAttribute(element, "data-state", state);
  if (element.lastChild.textContent !== state) element.lastChild.textContent = state;
}

/** A short message that goes away by itself; errors stay until they are closed. */
export function toast(text, kind = "good") {
  const close = () => element.remove();
  const element = h(
    "div",
    { class: `toast ${kind}` },
    h("span", {}, text),
    h("button", { type: "button", class: "tool", "aria-label": "Close this message", onclick: close }, icon(ICONS.remove)),
  );
  const toasts = document.getElementById("toasts");
  while (toasts.childElementCount >= 4) toasts.firstElementChild.remove();
  toasts.append(element);
  if (kind !== "bad") setTimeout(close, 6000);
}

/** What a problem says, in one line. */
export function problemText(error) {
  const fields = (error.errors ?? []).map((one) => [one.pointer, one.detail].filter(Boolean).join(": "));
  return [error.message, ...fields].join(" · ");
}

/** A modal dialog that goes from the page when it closes; resolves with its return value. */
export function dialog(title, content, buttons) {
  return new Promise((resolve) => {
    const heading = `dialog-${Math.random().toString(36).slice(2)}`;
    const element = h(
      "dialog",
      { "aria-labelledby": heading },
      h("form", { method: "dialog" }, h("h2", { id: heading }, title), content, h("div", { class: "actions" }, buttons)),
    );
    element.addEventListener("close", () => {
      element.remove();
      resolve(element.returnValue);
    });
    document.body.append(element);
    element.showModal();
    // The focus is on a button at its end, but it is read from its beginning.
    element.scrollTop = 0;
  });
}

/** Asks before something is done that cannot be undone. */
export async function confirm(title, text, action, kind = "danger") {
  const answer = await dialog(title, h("p", {}, text), [
    h("button", { value: "", class: "quiet" }, "Cancel"),
    h("button", { value: "yes", class: kind, autofocus: true }, action),
  ]);
  return answer === "yes";
}

let lastTabs = 0;

/** Tabs by the ARIA pattern; `tabs` are {key, title, open}, where `open` makes the panel. */
export function tabs(title, all, first, onChange = () => {}) {
  const id = `tabs-${++lastTabs}`;
  const panel = h("div", { role: "tabpanel", id: `${id}-panel`, tabindex: 0 });
  const buttons = all.map((tab) =>
    h("button", { type: "button", role: "tab", id: `${id}-${tab.key}`, "aria-controls": `${id}-panel`, onclick: () => open(tab.key) }, tab.title),
  );
  let current = null;
  function open(key) {
    if (key === current) return;
    current = key;
    all.forEach((tab, i) => {
      setAttribute(buttons[i], "aria-selected", tab.key === key ? "true" : "false");
      setAttribute(buttons[i], "tabindex", tab.key === key ? "0" : "-1");
    });
    setAttribute(panel, "aria-labelledby", `${id}-${key}`);
    replace(panel, all.find((tab) => tab.key === key).open());
    onChange(key);
  }
  const list = h("div", { role: "tablist", "aria-label": title }, buttons);
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (all.findIndex((tab) => tab.key === current) + step + all.length) % all.length;
    open(all[next].key);
    buttons[next].focus();
  });
  open(first);
  return { element: h("div", { class: "tabs" }, list, panel), open, current: () => current };
}

/** A figure with its name. */
export function tile(name, hint) {
  const value = h("b", {}, "–");
  const note = h("small", {}, hint ?? "");
  const title = h("span", {}, name);
  return { element: h("div", { class: "tile" }, title, value, note), name: title, value, note };
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const isRecord = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** Values of a report, whatever their shape, as text, tables and lists. */
export function reportValue(value, key = "") {
  if (value === null || value === undefined) return h("span", { class: "muted" }, "none");
  if (typeof value === "number") return number(value, key);
  if (typeof value === "string" && INSTANT.test(value)) return h("time", { datetime: value, title: value }, time(value));
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) {
    if (!value.length) return h("span", { class: "muted" }, "none");
    return value.every(isRecord) ? recordTable(value) : h("ul", { class: "plain" }, value.map((one) => h("li", {}, reportValue(one))));
  }
  const parts = Object.values(value);
  if (parts.length && parts.every((part) => isRecord(part) && !Object.values(part).some(isRecord))) return recordTable(parts, Object.keys(value));
  return h("dl", { class: "report" }, Object.entries(value).map(([key, part]) => [h("dt", {}, key), h("dd", {}, reportValue(part, key))]));
}

/** Ports are names that happen to be numbers. */
function number(value, key) {
  if (key === "port" || key.endsWith("-port")) return String(value);
  return Number.isInteger(value) ? count(value) : String(Math.round(value * 1000) / 1000);
}

/** Records, a row each; where they have names, these come first. */
function recordTable(records, names) {
  const keys = [...new Set(records.flatMap((one) => Object.keys(one)))];
  const kind = (key) => (records.every((one) => typeof one[key] === "number" || one[key] === undefined) ? "number" : null);
  return h(
    "div",
    { class: "table", tabindex: 0, role: "region", "aria-label": "Table" },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, names ? h("td", {}) : null, keys.map((key) => h("th", { scope: "col", class: kind(key) }, key)))),
      h("tbody", {}, records.map((one, i) => h("tr", {}, names ? h("th", { scope: "row" }, names[i]) : null, keys.map((key) => h("td", { class: kind(key) }, reportValue(one[key] ?? "", key)))))),
    ),
  );
}

/** The steps of a plan, or of what was done. */
export function stepList(steps) {
  if (!steps?.length) return h("p", { class: "muted" }, "Nothing changes.");
  return h(
    "ul",
    { class: "steps" },
    steps.map((step) => h("li", {}, h("span", { class: "step", "data-action": step.action }, step.action), h("b", {}, step.subject), h("span", { class: "muted" }, step.detail))),
  );
}

/** `nat44 → sink: 12 sent, all read`. */
function drainedLink({ link, direction, sent, read }) {
  const ends = link.split("..");
  if (direction === "backward") ends.reverse();
  return `${ends.join(" → ")}: ${count(sent)} sent, ${read === sent ? "all" : count(read)} read`;
}

/** Why a change is not, or was not, made while packets flow; of a plan or a report. */
export function obstacles(change) {
  return change.obstacles?.length ? h("ul", { class: "muted" }, change.obstacles.map((one) => h("li", {}, one.reason))) : null;
}

/** What an operation has done to the packets that flowed meanwhile. */
export function changeReport(operation) {
  const report = operation.report;
  if (!report) return h("p", { class: "note good" }, "Done.");
  if (!report.steps?.length && !report.mishaps?.length) return h("p", { class: "note good" }, "Nothing was to be changed.");
  const drained = (report.drained ?? []).filter((one) => one.sent || one.read).map(drainedLink);
  const figure = (name, value, good) => (value === undefined || value === null ? null : h("div", { class: `tile ${good === undefined ? "" : good ? "good" : "bad"}` }, h("span", {}, name), h("b", {}, value)));
  return h(
    "section",
    { class: "change-report", "aria-label": "What the change has done" },
    h(
      "div",
      { class: "tiles" },
      figure("pause", report["pause-nanos"] === undefined ? null : nanos(report["pause-nanos"])),
      figure(report.lost < 0 ? "doubled" : "lost", report.lost === undefined ? null : count(Math.abs(report.lost)), report.lost === 0),
      figure("reordered", report.reordered === undefined ? null : count(report.reordered), report.reordered === 0),
      figure("dropped by switches", report["switch-drops"] === undefined ? null : count(report["switch-drops"]), report["switch-drops"] === 0),
      figure("done", operation.revision === 1 || !report.steps?.length ? null : report.live ? "while packets flowed" : "by a restart"),
    ),
    obstacles(report),
    stepList(report.steps),
    report["handed-over"]?.length
      ? h("p", {}, "State handed over: ", report["handed-over"].map((one) => `${one.function} ${count(one.entries)}${one.detail ? ` (${one.detail})` : ""}`).join(", "))
      : null,
    drained.length ? h("p", {}, "Links drained: ", drained.join("; ")) : null,
    report.mishaps?.length ? h("p", { class: "note bad" }, `In spite of this: ${report.mishaps.join("; ")}`) : null,
    report.untouched?.length ? h("p", { class: "muted" }, `Left alone: ${report.untouched.join(", ")}`) : null,
  );
}

/** Page heading with a path to it, and what can be done. */
export function heading(path, title, ...actions) {
  const element = h("h1", { tabindex: -1 }, title);
  return h(
    "header",
    { class: "page-head" },
    h("div", { class: "title" }, path.length ? h("p", { class: "path" }, path.map(([text, href], i) => [i ? " / " : null, h("a", { href }, text)])) : null, element),
    h("div", { class: "actions" }, actions),
  );
}

/** Shows what went wrong instead of, or above, a view. */
export function failure(error, retry) {
  return h("div", { class: "note bad", role: "alert" }, h("b", {}, error.title ?? "Error"), " ", problemText(error), retry ? button("Try again", null, retry, "quiet") : null);
}

/** Adds rows to a list of terms. */
export function terms(entries) {
  const element = h("dl", { class: "terms" });
  append(element, entries.filter(([, value]) => value !== undefined && value !== null && value !== "").map(([key, value]) => [h("dt", {}, key), h("dd", {}, value)]));
  return element;
}
