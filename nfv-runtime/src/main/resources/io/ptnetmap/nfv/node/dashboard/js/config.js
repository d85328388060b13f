// SPDX-License-Identifier: BSD-2-Clause
//
// A function's configuration, changed while packets flow: a form, what would change, and what the change has done.

import { change, get, getWithTag } from "./api.js";
import { h, replace, setText } from "./dom.js";
import { many } from "./format.js";
import { ConfigForm, mergePatch } from "./form.js";
import { button, changeReport, failure, problemText } from "./ui.js";

/** Where a pointer into the chain's descriptor leads to a function's configuration. */
const IN_DESCRIPTOR = /^\/functions\/\d+(\/parallel\/\d+)?\/config(?=\/|$)/;

export class ConfigPanel {
  constructor(app, panel) {
    this.app = app;
    this.address = `${panel.address}/config`;
    this.type = panel.one.type;
    this.element = h("div", { class: "config" }, h("p", { class: "muted" }, "Reading the configuration…"));
    this.result = h("div", { role: "status" });
    this.load();
  }

  async load() {
    try {
      const [type, config] = await Promise.all([get(`/v1/function-types/${encodeURIComponent(this.type)}`), getWithTag(this.address)]);
      this.schema = type.schema ?? {};
      this.tag = config.tag;
      this.before = config.body ?? {};
      this.#show();
    } catch (error) {
      replace(this.element, failure(error, () => this.load()));
    }
  }

  #show() {
    this.form = new ConfigForm(this.schema, this.before, () => this.#changed());
    if (this.form.isEmpty) {
      replace(this.element, h("p", { class: "muted" }, "It has no configuration."));
      return;
    }
    const may = this.app.may("operate");
    this.summary = h("span", { class: "muted" });
    this.apply = h("button", { class: "primary" }, "Apply");
    this.reset = button("Reset", null, () => this.#show(), "quiet");
    const fields = h("fieldset", { class: "bare", disabled: !may }, this.form.element);
    replace(
      this.element,
      h(
        "form",
        {
          novalidate: true,
          onsubmit: (event) => {
            event.preventDefault();
            this.#submit();
          },
        },
        fields,
        may ? h("div", { class: "form-actions" }, this.apply, this.reset, this.summary) : h("p", { class: "muted" }, "Your token only looks."),
      ),
      this.result,
    );
    this.#changed();
  }

  #patch() {
    return mergePatch(this.before, this.form.read());
  }

  #changed() {
    const patch = this.#patch();
    const number = patch ? Object.keys(patch).length : 0;
    this.apply.disabled = !patch;
    this.reset.disabled = !patch;
    setText(this.summary, patch ? `${many(number, "change")}: ${Object.keys(patch).join(", ")}` : "Nothing changed.");
    if (patch) replace(this.result);
  }

  async #submit() {
    const patch = this.#patch();
    if (!patch) return;
    if (!this.form.check()) {
      setText(this.summary, "Please look at the fields marked.");
      return;
    }
    this.apply.disabled = true;
    setText(this.summary, "Changing…");
    try {
      const operation = await change("PATCH", this.address, { body: JSON.stringify(patch), type: "application/merge-patch+json", match: this.tag });
      const config = await getWithTag(this.address);
      this.tag = config.tag;
      this.before = config.body ?? {};
      this.#show();
      replace(this.result, changeReport(operation));
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error) {
    this.apply.disabled = false;
    if (error.status === 412) {
      setText(this.summary, "");
      replace(this.result, h("div", { class: "note bad", role: "alert" }, "Somebody else has changed this configuration meanwhile. ", button("Read it again", null, () => this.load(), "quiet")));
      return;
    }
    setText(this.summary, error.errors?.length ? "The node objects; see the fields marked." : "");
    if (error.errors?.length) {
      this.form.showErrors(error.errors.map((one) => ({ ...one, pointer: one.pointer?.replace(IN_DESCRIPTOR, "") })));
      replace(this.result);
    } else {
      replace(this.result, h("div", { class: "note bad", role: "alert" }, h("b", {}, `${error.title}: `), problemText(error)));
    }
  }
}
