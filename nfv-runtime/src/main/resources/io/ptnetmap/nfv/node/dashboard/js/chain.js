// SPDX-License-Identifier: BSD-2-Clause
//
// One chain: its graph, and below it what is known of the chain, or of the function or link that is selected.

import { ApiProblem, change, get, list } from "./api.js";
import { h, ICONS, replace, setText } from "./dom.js";
import { bits, count, duration, packets, time } from "./format.js";
import { Chart } from "./chart.js";
import { eventLine } from "./events.js";
import { ChainGraph } from "./graph.js";
import { FunctionPanel } from "./function.js";
import { LatencyTable } from "./latency.js";
import { LinkPanel } from "./link.js";
import { badge, button, changeReport, confirm, dialog, failure, heading, problemText, setBadge, terms, tile, toast } from "./ui.js";

const SHOWN_EVENTS = 8;
const ANYTHING_RUNS = ["starting", "running", "changing"];

export class ChainView {
  #panel = null;
  #graph = null;
  #closed = false;

  constructor(app, name, kind, part) {
    this.app = app;
    this.name = name;
    this.title = name;
    this.selection = [kind, part];
    this.badge = badge("…");
    this.up = h("span", { class: "muted" });
    this.actions = h("div", { class: "actions" });
    this.problem = h("div", {});
    this.tiles = { packets: tile("packets"), bits: tile("throughput"), dropped: tile("drops"), unaccounted: tile("unaccounted") };
    this.graphBox = h("div", { class: "graph-box" });
    this.detail = h("div", { class: "detail" });
    const head = heading([["Chains", "#/chains"]], name);
    this.meta = h("p", { class: "meta" }, this.badge, this.up);
    head.querySelector(".title").append(this.meta);
    head.lastElementChild.replaceWith(this.actions);
    this.body = h(
      "div",
      { class: "page" },
      h("div", { class: "tiles" }, Object.values(this.tiles).map((one) => one.element)),
      h("section", { class: "card", "aria-label": "Path" }, this.graphBox),
      this.detail,
    );
    this.element = h(
      "div",
      { class: "page" },
      head,
      this.problem,
      this.body,
    );
    this.stops = [app.live.listen(() => this.update()), app.onEvent((event) => this.#event(event))];
    this.resize = new ResizeObserver(() => this.#layout());
    this.resize.observe(this.graphBox);
    this.load();
  }

  async load() {
    const address = `/v1/chains/${encodeURIComponent(this.name)}`;
    try {
      const [chain, functions, links] = await Promise.all([get(address), list(`${address}/functions`), list(`${address}/links`)]);
      if (this.#closed) return;
      this.body.hidden = this.meta.hidden = this.gone = false;
      const structure = JSON.stringify([chain.revision, functions.map((one) => [one.name, one.placement, one.process]), links.map((one) => [one.name, one.kind, one.copies])]);
      this.chain = chain;
      this.functions = functions;
      this.links = links;
      replace(this.problem, chain.error ? h("div", { class: "note bad", role: "alert" }, h("b", {}, "Failed: "), chain.error) : null);
      this.#header();
      if (structure !== this.structure) {
        this.structure = structure;
        this.#graph = new ChainGraph(this.name, chain.descriptor, functions, links);
        replace(this.graphBox, this.#graph.element);
        this.#width = 0;
        this.#layout();
      } else {
        this.#graph.functions(functions);
      }
      this.#open();
      this.update();
    } catch (error) {
      if (this.#closed) return;
      if (error.status === 404) this.#deleted();
      else replace(this.problem, failure(error, () => this.load()));
    }
  }

  /** Somebody has deleted it, or the node is another one by now. */
  #deleted() {
    if (this.leaving || this.gone) return;
    this.gone = true;
    this.#panel?.close?.();
    this.#panel = this.#graph = this.chain = this.structure = null;
    this.shown = this.stoppable = null;
    replace(this.problem, h("div", { class: "note warn", role: "alert" }, `The node has no chain “${this.name}”. `, h("a", { href: "#/chains" }, "See all chains")));
    for (const part of [this.actions, this.graphBox, this.detail]) replace(part);
    this.body.hidden = this.meta.hidden = true;
  }

  #width = 0;

  #layout() {
    const width = this.graphBox.clientWidth;
    if (!this.#graph || width < 100 || Math.abs(width - this.#width) < 4) return;
    this.#width = width;
    this.#graph.layout(width);
    this.#graph.select(this.selection[1]);
    this.#graph.update(this.app.live.chain(this.name));
  }

  #meta() {
    const { state, revision, started, changed } = this.chain;
    const since = started && ANYTHING_RUNS.includes(state) ? `up ${duration((Date.now() - Date.parse(started)) / 1000)} · ` : "";
    setText(this.up, `${since}revision ${revision} · changed ${time(changed)}`);
  }

  #header() {
    const { state, desired } = this.chain;
    setBadge(this.badge, state);
    this.#meta();
    // The same buttons stay, for the sake of whoever has the focus on one.
    const stoppable = ANYTHING_RUNS.includes(state) || desired === "running";
    if (stoppable === this.stoppable) return;
    this.stoppable = stoppable;
    const path = `/v1/chains/${encodeURIComponent(this.name)}`;
    replace(
      this.actions,
      this.app.may("operate")
        ? stoppable
          ? button("Stop", ICONS.stop, () => this.#do("Stop", "POST", `${path}/stop`, `“${this.name}” is drained and stopped. It stays stopped when the node is started again.`))
          : button("Start", ICONS.start, () => this.#do("Start", "POST", `${path}/start`, null), "primary")
        : null,
      button(this.app.may("admin") ? "Edit" : "Descriptor", ICONS.edit, () => this.app.go(`#/chains/${encodeURIComponent(this.name)}/descriptor`)),
      this.app.may("admin")
        ? button("Delete", ICONS.trash, () => this.#do("Delete", "DELETE", path, `“${this.name}” is drained, stopped and forgotten, with its descriptor.`), "danger quiet")
        : null,
    );
  }

  async #do(action, method, path, question) {
    if (question && !(await confirm(`${action} ${this.name}?`, question, action))) return;
    this.leaving = method === "DELETE";
    this.#enable(false);
    try {
      await change(method, path);
      toast(`${this.name}: ${action.toLowerCase()} done`);
      await this.app.loadChains();
      if (this.leaving) {
        this.app.go("#/chains");
        return;
      }
    } catch (error) {
      toast(`${this.name}: ${problemText(error)}`, "bad");
    }
    this.leaving = false;
    this.#enable(true);
    this.load();
  }

  #enable(enabled) {
    this.actions.querySelectorAll("button").forEach((one) => (one.disabled = !enabled));
  }

  select(kind, part) {
    this.selection = [kind, part];
    this.#graph?.select(part);
    this.#open();
    this.update();
  }

  /** Opens what is selected, or lets it be where it is open and still what it was. */
  #open() {
    if (!this.chain) return;
    const [kind, name] = this.selection;
    const one = kind === "functions" && this.functions.find((other) => other.name === name);
    const link = kind === "links" && this.links.find((other) => other.name === name);
    const shown = JSON.stringify(one ? [one.name, one.type] : link ? [link.name, link.kind, link.copies, link.policy, link.slots] : []);
    if (shown === this.shown) return;
    this.shown = shown;
    this.#panel?.close?.();
    if (one) this.#panel = new FunctionPanel(this.app, this, one);
    else if (link) this.#panel = new LinkPanel(this.app, this, link);
    else this.#panel = new ChainPanel(this.app, this);
    replace(this.detail, this.#panel.element);
    if (one || link) this.#panel.element.querySelector("h2")?.focus({ preventScroll: false });
  }

  #event(event) {
    if (event.chain !== this.name && event.type !== "connected") return;
    this.#panel?.event?.(event);
    if (event.type === "chain-deleted") this.#deleted();
    if (event.type === "chain-deleted" || this.pending) return;
    this.pending = setTimeout(() => {
      this.pending = 0;
      if (!this.#closed) this.load();
    }, 300);
  }

  update() {
    if (this.gone) return;
    const live = this.app.live.chain(this.name);
    const running = this.running();
    setText(this.tiles.packets.value, running ? packets(live.rates.packets) : "–");
    setText(this.tiles.bits.value, running ? bits(live.rates.bits) : "–");
    setText(this.tiles.dropped.value, running ? packets(live.rates.dropped) : "–");
    const conservation = live.conservation ?? this.chain?.conservation;
    this.#showBalance(conservation, running);
    setText(this.tiles.dropped.note, conservation ? `${count(conservation.dropped)} in all` : "");
    setText(this.tiles.packets.note, conservation ? `${count(conservation.received + conservation.created)} in all` : "");
    if (this.chain) this.#meta();
    this.#graph?.update(live);
    this.#panel?.update?.(live);
  }

  running() {
    return ANYTHING_RUNS.includes(this.chain?.state);
  }

  /** While packets flow, those on their way have no place in the accounts yet. */
  #showBalance(conservation, running) {
    const { name, value, note, element } = this.tiles.unaccounted;
    setText(name, running ? "under way" : "unaccounted");
    setText(value, conservation ? count(running ? conservation.held + conservation.unaccounted : conservation.unaccounted) : "–");
    const lost = conservation && !running && conservation.unaccounted !== 0;
    setText(note, !conservation ? "" : lost ? "packets are missing, or counted twice" : running ? "all others are accounted for" : "every packet is accounted for");
    element.classList.toggle("bad", Boolean(lost));
  }

  close() {
    this.#closed = true;
    this.stops.forEach((stop) => stop());
    this.resize.disconnect();
    this.#panel?.close?.();
  }
}

/** The chain as a whole: its last five minutes, its balance, what has happened to it. */
class ChainPanel {
  constructor(app, view) {
    this.app = app;
    this.view = view;
    this.chart = new Chart(
      "Packets per second",
      [
        { name: "packets", label: "packets", colour: "series-1" },
        { name: "dropped", label: "drops", colour: "series-3" },
      ],
      packets,
    );
    this.latency = new LatencyTable(h("h2", {}, "Latency"));
    this.latencyCard = h("section", { class: "card wide latency-card", hidden: true }, this.latency.element);
    this.balance = h("div", {}, h("p", { class: "muted" }, "Nothing counted yet."));
    this.events = h("ol", { class: "events" });
    this.operations = h("ol", { class: "events" });
    this.element = h(
      "div",
      { class: "chain-panel" },
      h("section", { class: "card wide" }, this.chart.element),
      h("section", { class: "card" }, h("h2", {}, "Balance"), this.balance),
      this.latencyCard,
      h("section", { class: "card" }, h("h2", {}, "Changes"), this.operations),
      h("section", { class: "card wide events-card" }, h("h2", {}, "Events"), this.events),
    );
    this.#events();
    this.#operations();
  }

  event() {
    this.#events();
  }

  /** Of the chain, and of the links that packets wait on. */
  #showLatency(live) {
    const links = [...live.links.values()];
    this.latency.show([
      ["through the chain", live.now?.["latency-nanos"]],
      ["through the chain, in the reverse direction", live.now?.["backward-latency-nanos"]],
      ...links.map((link) => [`on ${link.name.replace("..", " → ")}`, link.forward["wait-nanos"]]),
      ...links.map((link) => [`on ${link.name.split("..").reverse().join(" → ")}`, link.backward["wait-nanos"]]),
    ]);
    this.latencyCard.hidden = this.latency.element.hidden;
  }

  #events() {
    const own = this.app.events.filter((event) => event.chain === this.view.name).slice(0, SHOWN_EVENTS);
    replace(this.events, own.length ? own.map(eventLine) : h("li", { class: "muted" }, "Nothing so far."));
  }

  async #operations() {
    try {
      const page = await get(`/v1/operations?chain=${encodeURIComponent(this.view.name)}&limit=${SHOWN_EVENTS}`);
      const text = JSON.stringify(page.items);
      if (text === this.operationsText) return;
      this.operationsText = text;
      replace(
        this.operations,
        page.items.length
          ? page.items.map((operation) =>
              h(
                "li",
                {},
                h("time", {}, time(operation.created)),
                h("b", {}, operation.action),
                badge(operation.state),
                operation.report || operation.problem
                  ? button("Report", null, () => dialog(`${this.view.name}: ${operation.action}, ${time(operation.created)}`, operation.problem ? failure(new ApiProblem(operation.problem.status, operation.problem)) : changeReport(operation), [h("button", { class: "primary" }, "Close")]), "quiet small")
                  : null,
              ),
            )
          : h("li", { class: "muted" }, "None yet."),
      );
    } catch (error) {
      replace(this.operations, failure(error));
    }
  }

  update(live) {
    this.chart.draw(live.history);
    this.#showLatency(live);
    const balance = live.conservation ?? this.view.chain?.conservation;
    if (!balance) return;
    const rows = ["received", "created", "sent", "dropped", "consumed", "held", "unaccounted"];
    if (!this.figures) {
      this.figures = new Map(rows.map((row) => [row, h("span", { class: "number" })]));
      replace(this.balance, terms([...this.figures]));
      this.unaccounted = this.balance.querySelector("dt:last-of-type");
    }
    setText(this.unaccounted, this.view.running() ? "not yet counted" : "unaccounted");
    for (const [row, element] of this.figures) setText(element, count(balance[row]));
    // Accounts of a running chain are not of one moment.
    if (this.view.running()) setText(this.figures.get("unaccounted"), count(Math.max(0, balance.unaccounted)));
  }
}
