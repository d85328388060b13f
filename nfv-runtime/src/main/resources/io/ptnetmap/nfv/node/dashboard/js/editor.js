// SPDX-License-Identifier: BSD-2-Clause
//
// A chain's descriptor as text: first what it would change, then the change.

import { ask, change, getWithTag } from "./api.js";
import { h, ICONS, replace, setText } from "./dom.js";
import { button, changeReport, failure, heading, obstacles, problemText, stepList, toast } from "./ui.js";

const YAML = "application/yaml";
const NEW_CHAIN = `chain: my-chain
functions:
  - {type: generator, config: {rate: 10k, flows: 100}}
  - type: firewall
    config:
      default: drop
      rules:
        - {action: accept, protocol: udp}
  - {type: sink}
`;

/** The name that a descriptor gives its chain. */
export function chainName(text) {
  const found = /^[ \t{]*["']?chain["']?[ \t]*:[ \t]*["']?([A-Za-z0-9][A-Za-z0-9_.-]*)/m.exec(text);
  return found?.[1] ?? "";
}

export class EditorView {
  constructor(app, name) {
    this.app = app;
    this.name = name;
    this.title = name ? `Descriptor of ${name}` : "New chain";
    this.may = app.may("admin");
    this.gutter = h("pre", { class: "gutter", "aria-hidden": "true" });
    this.text = h("textarea", {
      id: "descriptor",
      spellcheck: "false",
      autocapitalize: "off",
      autocomplete: "off",
      wrap: "off",
      readonly: !this.may,
      "aria-label": "Descriptor",
      "aria-describedby": "descriptor-hint",
      oninput: () => this.#changed(),
      onscroll: () => (this.gutter.scrollTop = this.text.scrollTop),
      onkeydown: (event) => this.#key(event),
    });
    this.start = h("input", { type: "checkbox", checked: true });
    this.planButton = button("Show plan", null, () => this.#plan(), "primary");
    this.applyButton = button(name ? "Apply" : "Create", ICONS.start, () => this.#apply(), "primary");
    this.applyButton.disabled = true;
    this.result = h("div", { class: "plan", role: "region", "aria-label": "Plan", "aria-live": "polite" });
    const path = [["Chains", "#/chains"], ...(name ? [[name, `#/chains/${encodeURIComponent(name)}`]] : [])];
    this.element = h(
      "div",
      { class: "page" },
      heading(path, name ? "Descriptor" : "New chain"),
      h(
        "div",
        { class: "editor-page" },
        h(
          "section",
          { class: "card" },
          h("div", { class: "editor" }, this.gutter, this.text),
          h("p", { class: "hint", id: "descriptor-hint" }, "YAML or JSON, as docs/chain.md says. Tab indents; Escape, then Tab leaves the field."),
          this.may
            ? h("div", { class: "form-actions" }, this.planButton, this.applyButton, name ? null : h("label", { class: "inline" }, this.start, " start it"))
            : null,
        ),
        h("section", { class: "card" }, h("h2", {}, "Plan"), this.result),
      ),
    );
    this.#load();
  }

  async #load() {
    this.#advise();
    if (!this.name) {
      this.text.value = NEW_CHAIN;
      this.#changed();
      return;
    }
    try {
      const { body, tag } = await getWithTag(`/v1/chains/${encodeURIComponent(this.name)}`, YAML);
      this.text.value = body;
      this.tag = tag;
      this.#changed();
    } catch (error) {
      replace(this.result, failure(error));
    }
  }

  #advise() {
    replace(this.result, h("p", { class: "muted" }, this.may ? "Shows what would be added, removed, replaced or reconfigured, before anything is." : "Your token only looks."));
  }

  #changed() {
    const lines = this.text.value.split("\n").length;
    setText(this.gutter, Array.from({ length: lines }, (_, i) => i + 1).join("\n"));
    if (this.planned !== undefined && this.planned !== this.text.value) {
      this.planned = undefined;
      this.applyButton.disabled = true;
      this.#advise();
    }
  }

  #key(event) {
    if (event.key === "Escape") {
      this.leaving = true;
      return;
    }
    if (event.key === "Tab" && !event.shiftKey && !this.leaving && this.may) {
      event.preventDefault();
      this.text.setRangeText("  ", this.text.selectionStart, this.text.selectionEnd, "end");
      this.#changed();
    }
    this.leaving = false;
  }

  #type() {
    return this.text.value.trimStart().startsWith("{") ? "application/json" : YAML;
  }

  #target() {
    return this.name ?? chainName(this.text.value);
  }

  async #plan() {
    const text = this.text.value;
    const name = this.#target();
    if (!name) {
      replace(this.result, h("div", { class: "note bad", role: "alert" }, "The descriptor does not name its chain: begin it with “chain: NAME”."));
      return;
    }
    this.planButton.disabled = true;
    try {
      const plan = await ask(`/v1/chains/${encodeURIComponent(name)}/plan`, text, this.#type());
      if (text !== this.text.value) return;
      this.planned = text;
      this.applyButton.disabled = Boolean(this.name === null && !plan.create);
      replace(
        this.result,
        plan.create
          ? h("p", { class: "note good" }, `A new chain, ${plan.chain}.`)
          : this.name === null
            ? h("p", { class: "note bad", role: "alert" }, `There is a chain ${plan.chain} already: give this one another name, or edit that one.`)
            : h("p", { class: `note ${plan.live === false ? "warn" : "good"}` }, plan.live === false ? "The chain is drained and started anew: packets wait meanwhile." : "Done while packets flow."),
        obstacles(plan),
        stepList(plan.steps),
        plan.untouched?.length ? h("p", { class: "muted" }, `Left alone: ${plan.untouched.join(", ")}`) : null,
        plan.memory ? h("p", { class: "muted" }, `Memory: ${plan.memory}`) : null,
      );
    } catch (error) {
      this.#failed(error);
    }
    this.planButton.disabled = false;
  }

  async #apply() {
    const name = this.#target();
    const path = `/v1/chains/${encodeURIComponent(name)}` + (this.name ? "" : `?start=${this.start.checked}`);
    this.applyButton.disabled = true;
    try {
      const operation = await change("PUT", path, { body: this.text.value, type: this.#type(), match: this.name ? this.tag : null, noneMatch: this.name ? null : "*" });
      await this.app.loadChains();
      toast(`${name}: ${this.name ? "changed" : "created"}`);
      if (!this.name) {
        this.app.go(`#/chains/${encodeURIComponent(name)}`);
        return;
      }
      this.tag = (await getWithTag(path, YAML)).tag;
      this.planned = undefined;
      replace(this.result, changeReport(operation));
    } catch (error) {
      if (error.status === 412) {
        replace(this.result, h("div", { class: "note bad", role: "alert" }, "Somebody else has changed this chain meanwhile. ", button("Read it again", null, () => this.#load(), "quiet")));
      } else this.#failed(error);
    }
  }

  #failed(error) {
    replace(
      this.result,
      h(
        "div",
        { class: "note bad", role: "alert" },
        h("b", {}, error.title ?? "Error"),
        " ",
        error.errors?.length ? error.message : problemText(error),
        h(
          "ul",
          { class: "problems" },
          (error.errors ?? []).map((one) =>
            h(
              "li",
              {},
              one.line ? button(`${one.line}:${one.column ?? 1}`, null, () => this.#moveTo(one.line, one.column ?? 1), "quiet small") : null,
              h("code", {}, one.pointer || "/"),
              " ",
              one.detail,
            ),
          ),
        ),
      ),
    );
  }

  #moveTo(line, column) {
    const lines = this.text.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    this.text.focus();
    this.text.setSelectionRange(start + column - 1, start + (lines[line - 1]?.length ?? 0));
    const height = this.text.scrollHeight / lines.length;
    this.text.scrollTop = Math.max(0, (line - 6) * height);
  }
}
