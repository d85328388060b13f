// SPDX-License-Identifier: BSD-2-Clause
//
// One function of a chain: what it does, what it drops and why, what it reports, and its configuration.

import { change, get } from "./api.js";
import { h, ICONS, replace, setText } from "./dom.js";
import { bits, count, many, packets } from "./format.js";
import { Chart } from "./chart.js";
import { ConfigPanel } from "./config.js";
import { KeptState } from "./kept.js";
import { LatencyTable } from "./latency.js";
import { badge, button, problemText, reportValue, setBadge, tabs, tile, toast } from "./ui.js";

const REFRESH_MILLIS = 2000;

export class FunctionPanel {
  #closed = false;

  constructor(app, view, one) {
    this.app = app;
    this.view = view;
    this.one = one;
    this.address = `/v1/chains/${encodeURIComponent(view.name)}/functions/${encodeURIComponent(one.name)}`;
    this.badge = badge(one.state);
    this.restore = button("Restore", ICONS.restore, () => this.#restore(), "primary");
    this.restore.hidden = true;
    this.about = h("span", { class: "muted" });
    this.error = h("div", { class: "note bad", hidden: true });
    this.kept = new KeptState();
    this.tabs = tabs(
      `About ${one.name}`,
      [
        { key: "overview", title: "Overview", open: () => this.#overview() },
        one.port ? null : { key: "config", title: "Configuration", open: () => (this.config ??= new ConfigPanel(app, this)).element },
        one.port ? null : { key: "report", title: "Report", open: () => this.#report() },
      ].filter(Boolean),
      "overview",
      () => this.update(),
    );
    this.element = h(
      "section",
      { class: "card", "aria-label": one.name },
      h(
        "div",
        { class: "panel-head" },
        h("h2", { tabindex: -1 }, one.name),
        this.badge,
        this.about,
        h("span", { class: "grow" }),
        this.restore,
        h("a", { class: "button quiet", href: `#/chains/${encodeURIComponent(view.name)}` }, "Close"),
      ),
      this.error,
      this.tabs.element,
    );
    this.#show(one);
    this.timer = setInterval(() => this.#refresh(), REFRESH_MILLIS);
    this.#refresh();
  }

  #overview() {
    this.tiles ??= { received: tile("in"), sent: tile("out"), dropped: tile("drops"), consumed: tile("consumed"), created: tile("created") };
    this.chart ??= new Chart(
      "Packets per second",
      [
        { name: `${this.one.name} received`, label: "in", colour: "series-1" },
        { name: `${this.one.name} sent`, label: "out", colour: "series-2" },
        { name: `${this.one.name} dropped`, label: "drops", colour: "series-3" },
      ],
      packets,
    );
    this.drops ??= h("tbody", {});
    this.latency ??= new LatencyTable(h("h3", {}, "Latency"));
    this.kept.show(this.one.persisted);
    return [
      h("div", { class: "tiles" }, Object.values(this.tiles).map((one) => one.element)),
      this.chart.element,
      h(
        "div",
        { class: "columns" },
        h("div", {}, h("h3", {}, "Drops by cause"), h("table", { class: "figures" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "cause"), h("th", { scope: "col" }, "packets"), h("th", { scope: "col" }, "now"))), this.drops)),
        this.latency.element,
        this.kept.element,
      ),
    ];
  }

  #report() {
    this.reportBox ??= h("div", {});
    this.#fillReport();
    return this.reportBox;
  }

  #fillReport() {
    if (!this.reportBox) return;
    const report = this.one.report;
    const text = JSON.stringify(report ?? null);
    if (text === this.reportText) return;
    this.reportText = text;
    replace(this.reportBox, report && Object.keys(report).length ? reportValue(report) : h("p", { class: "muted" }, "It reports nothing."));
  }

  async #refresh() {
    try {
      const one = await get(this.address);
      if (this.#closed) return;
      this.one = one;
      this.#show(one);
      this.#fillReport();
    } catch {
      // The page's connection state tells it; a function that is gone goes with the chain's next load.
    }
  }

  #show(one) {
    setBadge(this.badge, one.state);
    setText(this.about, [one.type !== one.name ? one.type : null, where(one), `worker ${one.worker}`, one.restarts ? `restarted ${many(one.restarts, "time")}` : null].filter(Boolean).join(" · "));
    this.kept.show(one.persisted);
    this.restore.hidden = !(one.state === "quarantined" && this.app.may("operate"));
    this.error.hidden = !one.error;
    setText(this.error, one.error ? `It has thrown: ${one.error}` : "");
  }

  async #restore() {
    this.restore.disabled = true;
    try {
      await change("POST", `${this.address}/restore`);
      toast(`${this.one.name} is at work again`);
    } catch (error) {
      toast(`${this.one.name}: ${problemText(error)}`, "bad");
    }
    this.restore.disabled = false;
    this.#refresh();
  }

  update(live = this.app.live.chain(this.view.name)) {
    if (!this.tiles || this.tabs?.current() !== "overview") return;
    const now = live.functions.get(this.one.name);
    const account = now?.account ?? this.one.account;
    for (const [key, one] of Object.entries(this.tiles)) {
      setText(one.value, now?.rates ? packets(now.rates[key]) : "–");
      const rate = key === "received" ? now?.rates?.receivedBits : key === "sent" ? now?.rates?.sentBits : undefined;
      setText(one.note, [account ? count(account[key]) : "", rate === undefined ? "" : bits(rate)].filter(Boolean).join(" · "));
    }
    this.tiles.dropped.element.classList.toggle("bad", now?.rates?.dropped > 0);
    this.chart.draw(live.history);
    this.#showDrops(account, now?.rates);
    this.#showLatency(live);
  }

  #showDrops(account, rates) {
    const causes = Object.entries(account?.drops ?? {}).sort((a, b) => b[1] - a[1]);
    const text = JSON.stringify([causes, rates?.drops]);
    if (text === this.dropsText) return;
    this.dropsText = text;
    replace(
      this.drops,
      causes.length
        ? causes.map(([cause, number]) => h("tr", {}, h("td", {}, cause), h("td", { class: "number" }, count(number)), h("td", { class: "number" }, rates?.drops[cause] > 0 ? packets(rates.drops[cause]) : "–")))
        : h("tr", {}, h("td", { colspan: 3, class: "muted" }, "None so far.")),
    );
  }

  #showLatency(live) {
    const before = this.view.links.find((other) => other.to === this.one.name);
    const behind = this.view.links.find((other) => other.from === this.one.name);
    this.latency.show([
      ["its own, for a batch", live.functions.get(this.one.name)?.["batch-nanos"]],
      ["from the chain’s beginning to here", before && live.links.get(before.name)?.forward["latency-nanos"]],
      ["from the chain’s end to here", behind && live.links.get(behind.name)?.backward["latency-nanos"]],
    ]);
  }

  close() {
    this.#closed = true;
    clearInterval(this.timer);
  }
}

function where(one) {
  if (one.placement?.startsWith("vm ")) return `in VM ${one.placement.slice(3)}`;
  return one.placement === "own" ? `own process${one.process?.startsWith("pid") ? `, ${one.process}` : ""}` : "in the node’s process";
}
