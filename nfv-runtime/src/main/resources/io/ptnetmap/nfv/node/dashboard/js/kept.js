// SPDX-License-Identifier: BSD-2-Clause
//
// What is kept of a function's state for after a crash, and what became of it at the last one.

import { h, replace, setAttribute } from "./dom.js";
import { bytes, count, nanos, time } from "./format.js";
import { terms } from "./ui.js";

/** Of functions whose chain says `persist`; of others nothing is shown. */
export class KeptState {
  constructor() {
    this.body = h("div", {});
    this.element = h("div", { class: "kept", hidden: true }, h("h3", {}, "Kept for after a crash"), this.body);
  }

  /** Shows a `PersistedState` of the API's. */
  show(persisted) {
    this.element.hidden = !persisted;
    const text = JSON.stringify(persisted ?? null);
    if (text === this.text) return;
    this.text = text;
    if (persisted) replace(this.body, now(persisted), past(persisted.restored));
  }
}

function now(persisted) {
  const age = persisted["age-nanos"];
  const bound = persisted["bound-nanos"];
  const value = h("span", { class: "number" }, age === undefined ? "nothing yet" : `${nanos(age)} old`);
  setAttribute(value, "data-late", age > bound);
  return terms([
    ["state", h("span", {}, value, ` · at most ${nanos(bound)}`)],
    ["entries", persisted.entries === undefined ? null : h("span", { class: "number" }, count(persisted.entries))],
    ["size", persisted.bytes === undefined ? null : h("span", { class: "number" }, bytes(persisted.bytes))],
  ]);
}

function past(restored) {
  if (!restored) return null;
  if (restored.refusal) return h("p", { class: "note warn" }, `At ${time(restored.time)} what was kept could not be used, and it began with nothing: ${restored.refusal}`);
  return terms([
    ["went on", `at ${time(restored.time)}, from ${nanos(restored["age-nanos"])} before`],
    ["with", numbers(restored.taken)],
    ["without", numbers(restored.dropped)],
  ]);
}

/** `3 sessions, 2 bindings`. */
function numbers(entries) {
  return Object.entries(entries)
    .map(([what, number]) => `${count(number)} ${what}`)
    .join(", ");
}
