// SPDX-License-Identifier: BSD-2-Clause
//
// All chains at a glance.

import { h, ICONS, replace, setText } from "./dom.js";
import { bits, duration, many, packets, shortened, TROUBLE } from "./format.js";
import { Sparkline } from "./chart.js";
import { badge, button, heading, setBadge, tile } from "./ui.js";

const SHOWN_FUNCTIONS = 6;

/** One chain in the list. */
class Row {
  constructor(chain) {
    this.badge = badge(chain.state);
    this.spark = new Sparkline();
    this.packets = h("b", {}, "–");
    this.bits = h("span", { class: "muted" });
    this.dropped = h("span", { class: "dropped" });
    this.up = h("span", { class: "muted" });
    this.path = h("span", { class: "chain-path" });
    this.error = h("span", { class: "row-error" });
    this.trouble = h("span", { class: "row-trouble" });
    this.element = h(
      "li",
      {},
      h(
        "a",
        { class: "chain-row", href: `#/chains/${encodeURIComponent(chain.name)}` },
        h("span", { class: "chain-name" }, h("b", {}, chain.name), this.badge, this.up),
        h("span", { class: "chain-what" }, this.path, this.error, this.trouble),
        this.spark.element,
        h("span", { class: "chain-figures" }, this.packets, this.bits, this.dropped),
      ),
    );
    this.set(chain);
  }

  set(chain) {
    this.chain = chain;
    setBadge(this.badge, chain.state);
    const names = chain.functions.slice(0, SHOWN_FUNCTIONS).map((name) => h("span", { class: "chip" }, shortened(name, 24)));
    const more = chain.functions.length - SHOWN_FUNCTIONS;
    replace(this.path, names, more > 0 ? h("span", { class: "muted" }, `and ${more} more`) : null);
    setText(this.error, chain.error ?? "");
  }

  update(live) {
    const { rates, history, functions } = live.chain(this.chain.name);
    const running = ["running", "changing", "stopping"].includes(this.chain.state);
    setText(this.packets, running ? packets(rates.packets) : "–");
    setText(this.bits, running ? bits(rates.bits) : "");
    setText(this.dropped, running && rates.dropped > 0 ? `drops ${packets(rates.dropped)}` : "");
    setText(this.up, running && this.chain.started ? duration((Date.now() - Date.parse(this.chain.started)) / 1000) : "");
    const troubled = running ? [...functions.values()].filter((one) => TROUBLE.includes(one.state)) : [];
    setText(this.trouble, troubled.map((one) => `${one.name}: ${one.state}`).join(", "));
    this.spark.draw(history.points("packets"));
  }
}

export class OverviewView {
  title = "Chains";
  #rows = new Map();

  constructor(app) {
    this.app = app;
    this.tiles = { chains: tile("running"), packets: tile("packets"), bits: tile("throughput"), dropped: tile("drops") };
    this.search = h("input", { type: "search", placeholder: "Find a chain or function", "aria-label": "Find a chain or function", oninput: () => this.chainsChanged() });
    this.state = h(
      "select",
      { "aria-label": "State", onchange: () => this.chainsChanged() },
      ["any state", "running", "stopped", "failed", "changing", "ended"].map((state, i) => h("option", { value: i ? state : "" }, state)),
    );
    this.list = h("ul", { class: "chain-list" });
    this.empty = h("div", { class: "empty" });
    this.element = h(
      "div",
      { class: "page" },
      heading([], "Chains", app.may("admin") ? button("New chain", ICONS.add, () => app.go("#/new"), "primary") : null),
      h("div", { class: "tiles" }, Object.values(this.tiles).map((one) => one.element)),
      h("div", { class: "filter" }, this.search, this.state),
      this.list,
      this.empty,
    );
    this.stop = app.live.listen(() => this.update());
    this.chainsChanged();
  }

  chainsChanged() {
    const words = this.search.value.trim().toLowerCase();
    const wanted = [...this.app.chains.values()].filter(
      (chain) =>
        (!this.state.value || chain.state === this.state.value) &&
        (!words || [chain.name, ...chain.functions].some((name) => name.toLowerCase().includes(words))),
    );
    for (const name of this.#rows.keys()) if (!this.app.chains.has(name)) this.#rows.delete(name);
    const elements = wanted.map((chain) => {
      const row = this.#rows.get(chain.name) ?? new Row(chain);
      this.#rows.set(chain.name, row);
      row.set(chain);
      return row.element;
    });
    if (elements.length !== this.list.childElementCount || elements.some((element, i) => element !== this.list.children[i])) {
      replace(this.list, elements);
    }
    this.empty.hidden = elements.length > 0;
    replace(
      this.empty,
      this.app.chains.size
        ? h("p", {}, "No chain is like that.")
        : [h("p", {}, "No chains yet."), this.app.may("admin") ? button("Create the first one", ICONS.add, () => this.app.go("#/new"), "primary") : null],
    );
    this.update();
  }

  update() {
    const chains = [...this.app.chains.values()];
    const running = chains.filter((chain) => chain.state === "running");
    const failed = chains.filter((chain) => chain.state === "failed").length;
    const sum = (key) => running.reduce((total, chain) => total + (this.app.live.chain(chain.name).rates[key] || 0), 0);
    setText(this.tiles.chains.value, `${running.length} of ${chains.length}`);
    setText(this.tiles.chains.note, failed ? `${many(failed, "chain")} failed` : many(chains.reduce((total, chain) => total + chain.functions.length, 0), "function"));
    this.tiles.chains.element.classList.toggle("bad", failed > 0);
    setText(this.tiles.packets.value, packets(sum("packets")));
    setText(this.tiles.bits.value, bits(sum("bits")));
    const dropped = sum("dropped");
    setText(this.tiles.dropped.value, packets(dropped));
    // Rows out of sight are drawn when they come into it.
    const inSight = [...this.#rows.values()].filter((row) => {
      const { top, bottom } = row.element.getBoundingClientRect();
      return row.element.isConnected && bottom > -200 && top < innerHeight + 200;
    });
    inSight.forEach((row) => row.update(this.app.live));
  }

  shown() {
    this.scrolled = () => this.update();
    addEventListener("scrollend", this.scrolled, { passive: true });
  }

  close() {
    this.stop();
    removeEventListener("scrollend", this.scrolled);
  }
}
