// SPDX-License-Identifier: BSD-2-Clause
//
// The node, the virtual machines that work for it, its ports, and the functions that chains here can have.

import { list } from "./api.js";
import { h, replace } from "./dom.js";
import { count, duration } from "./format.js";
import { failure, heading, terms } from "./ui.js";

export class NodeView {
  title = "Node";

  constructor(app) {
    this.app = app;
    const { node } = app;
    this.machines = h("div", {});
    this.ports = h("div", {});
    this.types = h("div", {});
    this.element = h(
      "div",
      { class: "page" },
      heading([], "Node"),
      h(
        "section",
        { class: "card" },
        h("h2", {}, node.name ?? "This node"),
        terms([
          ["version", node.version],
          ["up", duration((Date.now() - Date.parse(node.started)) / 1000)],
          ["netmap driver", node.driver],
          ["processors", node.processors],
          ["you", `${app.token.name}, role ${app.token.role}`],
        ]),
      ),
      h("section", { class: "card" }, h("h2", {}, "Virtual machines"), this.machines),
      h("section", { class: "card" }, h("h2", {}, "Ports"), this.ports),
      h("section", { class: "card" }, h("h2", {}, "Functions that chains can have"), this.types),
    );
    this.#fill(this.machines, "/v1/nodes", (all) => {
      const machines = all.filter((one) => one.kind === "vm");
      return machines.length
        ? table(["name", "chain", "functions", "up"], machines.map((one) => [one.name, chainLink(one.chain), count(one.functions), duration((Date.now() - Date.parse(one.started)) / 1000)]))
        : h("p", { class: "muted" }, "None.");
    });
    this.#fill(this.ports, "/v1/ports", (ports) =>
      ports.length
        ? table(["port", "chain", "in", "out", "what serves it"], ports.map((one) => [one.name, chainLink(one.chain), count(one.account?.received), count(one.account?.sent), one.description ?? ""]))
        : h("p", { class: "muted" }, "None."),
    );
    this.#fill(this.types, "/v1/function-types", (types) =>
      table(["type", "kind", "what it does"], types.map((one) => [h("b", {}, one.name), one.kind + (one["read-only"] ? ", read-only" : ""), one.summary])),
    );
  }

  async #fill(element, path, render) {
    try {
      replace(element, render(await list(path)));
    } catch (error) {
      replace(element, failure(error));
    }
  }
}

function chainLink(name) {
  return name ? h("a", { href: `#/chains/${encodeURIComponent(name)}` }, name) : "";
}

function table(columns, rows) {
  return h(
    "div",
    { class: "table", tabindex: 0, role: "region", "aria-label": columns[0] },
    h("table", {}, h("thead", {}, h("tr", {}, columns.map((one) => h("th", { scope: "col" }, one)))), h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell)))))),
  );
}
