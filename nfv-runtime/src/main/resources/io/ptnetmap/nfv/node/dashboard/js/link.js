// SPDX-License-Identifier: BSD-2-Clause
//
// One link of a chain: how packets get across, how full it is, and the packets themselves.

import { collect } from "./api.js";
import { h, icon, ICONS, setText } from "./dom.js";
import { packets, rate } from "./format.js";
import { Chart } from "./chart.js";
import { LatencyTable } from "./latency.js";
import { problemText, terms, toast } from "./ui.js";

const CAPTURED_PACKETS = 1000;
const CAPTURE_MILLIS = 10_000;

export class LinkPanel {
  constructor(app, view, link) {
    this.app = app;
    this.view = view;
    this.link = link;
    this.rates = new Chart(
      "Packets per second",
      [
        { name: `${link.name} forward`, label: `to ${link.to}`, colour: "series-1" },
        { name: `${link.name} backward`, label: `to ${link.from}`, colour: "series-2" },
      ],
      packets,
    );
    this.level = new Chart("Ring occupancy", [{ name: `${link.name} used`, label: "used", colour: "series-4" }], (value) => rate(value, "%"), 100);
    this.used = h("span", { class: "number" });
    this.latency = new LatencyTable(h("h3", {}, "Latency"));
    const copies = link.copies ? `${link.copies}${link.reason ? `: ${link.reason}` : ""}` : "";
    this.element = h(
      "section",
      { class: "card", "aria-label": link.name },
      h(
        "div",
        { class: "panel-head" },
        h("h2", { tabindex: -1 }, `${link.from} → ${link.to}`),
        h("span", { class: "grow" }),
        app.may("operate") ? this.#captureForm() : null,
        h("a", { class: "button quiet", href: `#/chains/${encodeURIComponent(view.name)}` }, "Close"),
      ),
      h("div", { class: "columns" }, h("div", {}, terms([["kind", link.kind], ["copies", copies], ["asked for", link.type], ["when full", link.policy === "drop" ? "drops and counts" : "waits"], ["slots used", this.used]])), this.latency.element),
      h("div", { class: "columns" }, this.rates.element, link.slots ? this.level.element : null),
    );
  }

  #captureForm() {
    const filter = h("input", { type: "text", placeholder: "filter: tcp port 80", "aria-label": "Capture filter", spellcheck: "false" });
    const submit = h("button", { class: "" }, icon(ICONS.capture), "Capture");
    return h(
      "form",
      {
        class: "capture",
        onsubmit: async (event) => {
          event.preventDefault();
          submit.disabled = true;
          try {
            await this.#capture(filter.value.trim());
          } catch (error) {
            toast(problemText(error), "bad");
          }
          submit.disabled = false;
        },
      },
      filter,
      submit,
    );
  }

  async #capture(filter) {
    const query = new URLSearchParams({ count: CAPTURED_PACKETS });
    if (filter) query.set("filter", filter);
    const path = `/v1/chains/${encodeURIComponent(this.view.name)}/links/${encodeURIComponent(this.link.name)}/packets?${query}`;
    const bytes = await collect(path, "application/x-pcapng", CAPTURE_MILLIS);
    const address = URL.createObjectURL(bytes);
    h("a", { href: address, download: `${this.view.name}-${this.link.from}-${this.link.to}.pcapng`.replaceAll(/[^\w.-]+/g, "_") }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  update(live) {
    const now = live.links.get(this.link.name);
    setText(this.used, now?.slots ? `${now.used} of ${now.slots}` : "no ring");
    this.rates.draw(live.history);
    if (this.link.slots) this.level.draw(live.history);
    this.latency.show([
      [`on the link, to ${this.link.to}`, now?.forward["wait-nanos"]],
      [`on the link, to ${this.link.from}`, now?.backward["wait-nanos"]],
      [`from the chain’s beginning to ${this.link.to}`, now?.forward["latency-nanos"]],
      [`from the chain’s end to ${this.link.from}`, now?.backward["latency-nanos"]],
    ]);
  }
}
