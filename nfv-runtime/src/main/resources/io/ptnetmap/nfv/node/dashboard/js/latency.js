// SPDX-License-Identifier: BSD-2-Clause
//
// How long packets took: percentiles of those that were sampled in the last seconds.

import { h, replace } from "./dom.js";
import { nanos } from "./format.js";

const COLUMNS = [["p50", "50 %"], ["p90", "90 %"], ["p99", "99 %"], ["p999", "99.9 %"], ["max", "longest"]];

/** A table with a row for each thing that is timed; not there as long as nothing was. */
export class LatencyTable {
  constructor(heading) {
    this.body = h("tbody", {});
    this.element = h(
      "div",
      { class: "latency", hidden: true },
      heading,
      h("table", { class: "figures" }, h("thead", {}, h("tr", {}, h("td", {}), COLUMNS.map(([, name]) => h("th", { scope: "col" }, name)))), this.body),
    );
  }

  /** Shows pairs of a name and a `Timing` of the API's. */
  show(rows) {
    const known = rows.filter(([, timing]) => timing?.recent);
    const text = JSON.stringify(known);
    if (text === this.text) return;
    this.text = text;
    this.element.hidden = !known.length;
    replace(
      this.body,
      known.map(([name, { recent }]) => h("tr", {}, h("th", { scope: "row" }, name), COLUMNS.map(([key]) => h("td", { class: "number" }, nanos(recent[key]))))),
    );
  }
}
