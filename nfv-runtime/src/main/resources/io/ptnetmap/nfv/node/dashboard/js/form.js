// SPDX-License-Identifier: BSD-2-Clause
//
// Forms made from JSON Schema: what function types say of their configurations becomes fields that one can fill in, with units,
// defaults, descriptions, lists and nested records; and what the node objects to is shown at the field that it is about.

import { count } from "./format.js";
import { h, icon, ICONS, replace, setAttribute, setText } from "./dom.js";

const ABBREVIATIONS = { ipv4: "IPv4", ipv6: "IPv6", icmpv6: "ICMPv6" };

let lastId = 0;
const nextId = () => `field-${++lastId}`;

const escapePointer = (key) => String(key).replaceAll("~", "~0").replaceAll("/", "~1");

/** A schema without its detours: `allOf` merged, `null` taken out of types and alternatives. */
export function plain(schema) {
  let result = { ...schema };
  for (const part of schema.allOf ?? []) result = { ...plain(part), ...result };
  delete result.allOf;
  const alternatives = result.anyOf ?? result.oneOf;
  if (alternatives) {
    const real = alternatives.filter((one) => one.type !== "null");
    const optional = real.length < alternatives.length || result.optional;
    const { anyOf, oneOf, ...rest } = result;
    if (real.length === 1) return { ...plain(real[0]), ...rest, optional };
    if (real.every((one) => "const" in one)) return { ...rest, enum: real.map((one) => one.const), optional };
    return { ...rest, alternatives: real, optional };
  }
  const types = [result.type ?? []].flat();
  result.optional = result.optional || types.includes("null");
  result.types = types.filter((type) => type !== "null");
  return result;
}

const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether two values of JSON mean the same: records do in any order of their keys. */
function same(one, other) {
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((value, i) => same(value, other[i]));
  if (!isRecord(one) || !isRecord(other)) return one === other;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => key in other && same(one[key], other[key]));
}

/** What differs, as a merge patch of RFC 7396; undefined where nothing does. */
export function mergePatch(before, after) {
  if (!isRecord(before) || !isRecord(after)) return same(before, after) ? undefined : after;
  const patch = {};
  for (const key of Object.keys(before)) if (!(key in after)) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    const difference = key in before ? mergePatch(before[key], value) : value;
    if (difference !== undefined) patch[key] = difference;
  }
  return Object.keys(patch).length ? patch : undefined;
}

/** `default-action` as people write it: `Default action`. */
export function label(key) {
  const words = String(key).replaceAll(/[-_]/g, " ").replaceAll(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`);
  const known = words.replaceAll(/\b(ip|ipv4|ipv6|tcp|udp|icmp|icmpv6|mac|mtu|ttl|vlan|vm|id)\b/g, (word) => ABBREVIATIONS[word] ?? word.toUpperCase());
  return known.charAt(0).toUpperCase() + known.slice(1);
}

const shownDefault = (value) => (Array.isArray(value) ? value.join(", ") : typeof value === "object" ? JSON.stringify(value) : String(value));

/**
 * One field and what is below it. Subclasses have `control`, an element, and `read()`, which returns the value or undefined for
 * none.
 */
class Field {
  constructor(schema, pointer, name, required, form) {
    this.schema = schema;
    this.pointer = pointer;
    this.name = name;
    this.required = required;
    this.form = form;
    this.id = nextId();
    this.message = h("p", { class: "field-error", id: `${this.id}-error`, hidden: true });
  }

  children() {
    return [];
  }

  /** The field nearest to a pointer, at or above it. */
  find(pointer) {
    if (pointer !== this.pointer && !pointer.startsWith(`${this.pointer}/`)) return null;
    for (const child of this.children()) {
      const found = child.find(pointer);
      if (found) return found;
    }
    return this;
  }

  changed() {
    this.complain("");
    this.form.changed();
  }

  complain(text) {
    setText(this.message, text);
    this.message.hidden = !text;
    this.mark(Boolean(text));
  }

  mark(wrong) {
    setAttribute(this.input ?? this.control, "aria-invalid", wrong ? "true" : null);
  }

  reveal() {
    for (let node = this.message.parentElement; node; node = node.parentElement) if (node.localName === "details") node.open = true;
    const target = this.input ?? this.control.querySelector("input, select, textarea, button") ?? this.control;
    target.focus();
    target.scrollIntoView({ block: "center" });
  }

  /** The field with its label, description and message. */
  render() {
    const described = [this.hint() ? `${this.id}-hint` : null, `${this.id}-error`].filter(Boolean).join(" ");
    if (this.input) setAttribute(this.input, "aria-describedby", described);
    return h(
      "div",
      { class: `field ${this.kind ?? ""}`, "data-pointer": this.pointer },
      this.name === null ? null : h(this.input ? "label" : "span", { class: "field-label", for: this.input ? this.id : null, id: `${this.id}-label` }, label(this.name), this.required ? h("span", { class: "required", title: "must be set" }, " *") : null),
      this.control,
      this.hint() ? h("p", { class: "hint", id: `${this.id}-hint` }, this.hint()) : null,
      this.message,
    );
  }

  hint() {
    return this.name === null ? "" : (this.schema.description ?? "");
  }
}

/** A number, a text, or either, such as `10k`. */
class TextField extends Field {
  constructor(schema, pointer, name, required, form, value) {
    super(schema, pointer, name, required, form);
    this.numeric = schema.types.some((type) => type === "integer" || type === "number");
    this.textual = schema.types.includes("string") || !this.numeric;
    this.before = value ?? undefined;
    this.input = h("input", {
      id: this.id,
      type: "text",
      autocomplete: "off",
      spellcheck: "false",
      inputmode: this.numeric && !this.textual ? "decimal" : null,
      placeholder: schema.default === undefined ? null : shownDefault(schema.default),
      "aria-required": required ? "true" : null,
      "aria-label": name === null ? form.itemLabel(pointer) : null,
      value: value === undefined || value === null ? "" : String(value),
      oninput: () => this.changed(),
      onblur: () => this.check(),
    });
    this.control = this.input;
    this.kind = this.numeric ? "number" : "text";
  }

  hint() {
    if (this.name === null) return "";
    const { minimum, maximum } = this.schema;
    const limits = this.numeric && (minimum !== undefined || maximum !== undefined)
      ? maximum === undefined ? `At least ${count(minimum)}` : minimum === undefined ? `At most ${count(maximum)}` : `${count(minimum)} to ${count(maximum)}`
      : "";
    const units = this.schema.pattern?.includes("(k|M|G|Ki|Mi|Gi)") ? "10k or 64Ki for short" : "";
    const range = [limits, units].filter(Boolean).join("; ");
    return [this.schema.description, range && `${range}.`].filter(Boolean).join(" ");
  }

  read() {
    const text = this.input.value.trim();
    if (text === "") return undefined;
    // What was not touched stays what it was: a number, though the schema would take its text, too.
    if (text === String(this.before)) return this.before;
    const number = Number(text);
    return this.numeric && /^-?\d+(\.\d+)?$/.test(text) && Number.isSafeInteger(Math.trunc(number)) ? number : text;
  }

  check() {
    const problem = this.problem();
    this.complain(problem);
    return !problem;
  }

  problem() {
    const value = this.read();
    const { schema } = this;
    if (value === undefined) return this.required ? "must be set" : "";
    if (typeof value === "number") {
      if (schema.types.includes("integer") && !schema.types.includes("number") && !Number.isInteger(value)) return "must be a whole number";
      if (schema.minimum !== undefined && value < schema.minimum) return `must be at least ${schema.minimum}`;
      if (schema.maximum !== undefined && value > schema.maximum) return `must be at most ${schema.maximum}`;
      return "";
    }
    if (!this.textual) return "must be a number";
    if (schema.minLength && value.length < schema.minLength) return `must have at least ${schema.minLength} characters`;
    if (schema.maxLength && value.length > schema.maxLength) return `must have at most ${schema.maxLength} characters`;
    if (schema.pattern && !new RegExp(schema.pattern, "u").test(value)) {
      return this.numeric ? "must be a number, such as 1500, 10k or 64Ki" : `must match ${schema.pattern}`;
    }
    return "";
  }
}

/** One of some values. */
class ChoiceField extends Field {
  constructor(schema, pointer, name, required, form, value) {
    super(schema, pointer, name, required, form);
    this.kind = "choice";
    const none = schema.default !== undefined ? `default: ${shownDefault(schema.default)}` : required ? "choose…" : "not set";
    this.input = h(
      "select",
      { id: this.id, "aria-required": required ? "true" : null, "aria-label": name === null ? form.itemLabel(pointer) : null, onchange: () => this.changed() },
      h("option", { value: "" }, none),
      schema.enum.map((one, i) => h("option", { value: String(i), selected: one === value }, shownDefault(one))),
    );
    this.control = this.input;
  }

  read() {
    return this.input.value === "" ? undefined : this.schema.enum[Number(this.input.value)];
  }

  check() {
    const problem = this.required && this.read() === undefined ? "must be chosen" : "";
    this.complain(problem);
    return !problem;
  }
}

/** Yes or no; what was not set stays so unless it is switched. */
class SwitchField extends Field {
  constructor(schema, pointer, name, required, form, value) {
    super(schema, pointer, name, required, form);
    this.kind = "switch-field";
    this.touched = value !== undefined && value !== null;
    this.input = h("input", {
      id: this.id,
      type: "checkbox",
      role: "switch",
      checked: this.touched ? value : schema.default === true,
      "aria-label": name === null ? form.itemLabel(pointer) : null,
      onchange: () => {
        this.touched = true;
        this.changed();
      },
    });
    this.control = h("span", { class: "switch" }, this.input);
  }

  read() {
    return this.touched || this.required ? this.input.checked : undefined;
  }

  check() {
    return true;
  }
}

/** What no other field can show: JSON as text. */
class JsonField extends Field {
  constructor(schema, pointer, name, required, form, value) {
    super(schema, pointer, name, required, form);
    this.kind = "json";
    this.input = h("textarea", {
      id: this.id,
      rows: 3,
      spellcheck: "false",
      "aria-label": name === null ? form.itemLabel(pointer) : null,
      value: value === undefined ? "" : JSON.stringify(value, null, 1),
      oninput: () => this.changed(),
      onblur: () => this.check(),
    });
    this.control = this.input;
  }

  read() {
    if (this.input.value.trim() === "") return undefined;
    try {
      return JSON.parse(this.input.value);
    } catch {
      return this.input.value;
    }
  }

  check() {
    let problem = this.required && this.input.value.trim() === "" ? "must be set" : "";
    try {
      if (this.input.value.trim()) JSON.parse(this.input.value);
    } catch {
      problem = "must be JSON";
    }
    this.complain(problem);
    return !problem;
  }
}

/** A record: its fields, those that must be set first. */
class RecordField extends Field {
  constructor(schema, pointer, name, required, form, value) {
    super(schema, pointer, name, required, form);
    this.kind = "record";
    this.fields = new Map();
    this.present = value !== undefined && value !== null;
    this.value = value ?? {};
    this.body = h("div", { class: "fields" });
    this.control = h("fieldset", { class: name === null ? "bare" : "", "aria-labelledby": name === null ? null : `${this.id}-label` }, this.body);
    if (this.present || name === null || required) this.#build();
    else this.#offer();
  }

  #build() {
    this.present = true;
    const { properties = {}, required = [] } = this.schema;
    const entries = Object.entries(properties);
    const known = new Set(Object.keys(properties));
    for (const [key, schema] of entries) {
      this.fields.set(key, makeField(schema, `${this.pointer}/${escapePointer(key)}`, key, required.includes(key), this.form, this.value[key]));
    }
    // Keys that the schema does not know are kept as they are.
    this.others = Object.fromEntries(Object.entries(this.value).filter(([key]) => !known.has(key)));
    replace(
      this.body,
      [...this.fields.values()].map((field) => field.render()),
      this.name !== null && !this.required
        ? h("button", { type: "button", class: "quiet", onclick: () => this.#remove() }, icon(ICONS.remove), `Do without ${label(this.name).toLowerCase()}`)
        : null,
    );
  }

  #offer() {
    replace(
      this.body,
      h(
        "button",
        {
          type: "button",
          class: "quiet",
          onclick: () => {
            this.#build();
            this.changed();
          },
        },
        icon(ICONS.add),
        `Set ${label(this.name).toLowerCase()}`,
      ),
    );
  }

  #remove() {
    this.present = false;
    this.fields.clear();
    this.value = {};
    this.#offer();
    this.changed();
  }

  children() {
    return [...this.fields.values()];
  }

  read() {
    if (!this.present) return undefined;
    const result = { ...this.others };
    for (const [key, field] of this.fields) {
      const value = field.read();
      if (value !== undefined) result[key] = value;
    }
    return result;
  }

  check() {
    return this.children().map((field) => field.check()).every(Boolean);
  }
}

/** What a list of records shows of one that is folded. */
function summary(value) {
  if (value === null || typeof value !== "object") return String(value ?? "");
  return Object.entries(value)
    .filter(([, part]) => part !== null && part !== undefined)
    .map(([key, part]) => `${key}: ${Array.isArray(part) ? part.map((one) => (typeof one === "object" ? "{…}" : one)).join(", ") : typeof part === "object" ? "{…}" : part}`)
    .join(" · ");
}

/** A list: items that can be added, removed and put into another order. */
class ListField extends Field {
  constructor(schema, pointer, name, required, form, value) {
    super(schema, pointer, name, required, form);
    this.kind = "list";
    this.itemSchema = plain(schema.items ?? {});
    this.records = Boolean(this.itemSchema.properties);
    this.touched = value !== undefined && value !== null;
    this.items = [];
    this.body = h("ol", { class: this.records ? "records" : "values" });
    this.announcement = h("span", { class: "sr-only", role: "status" });
    this.control = h(
      "div",
      { class: "list-control", role: "group", "aria-labelledby": name === null ? null : `${this.id}-label`, tabindex: -1 },
      this.body,
      h("button", { type: "button", class: "quiet add", onclick: () => this.#add(undefined) }, icon(ICONS.add), `Add ${this.#noun()}`),
      this.announcement,
    );
    this.#fill(Array.isArray(value) ? value : []);
  }

  #noun() {
    const word = label(this.name ?? "item").toLowerCase();
    return word.endsWith("s") ? word.slice(0, -1) : word;
  }

  #fill(values, open = -1) {
    this.items = values.map((value, i) => makeField(this.itemSchema, `${this.pointer}/${i}`, null, true, this.form, value));
    replace(this.body, this.items.map((item, i) => this.#row(item, i, values[i], i === open)));
  }

  #row(item, i, value, open) {
    const button = (path, text, action, disabled) =>
      h("button", { type: "button", class: "tool", title: text, "aria-label": `${text} ${this.#noun()} ${i + 1}`, disabled, onclick: action }, icon(path));
    const remove = button(ICONS.remove, "Remove", () => this.#remove(i));
    if (!this.records) return h("li", {}, item.render(), remove);
    const title = h("span", { class: "record-title" }, summary(value) || "new");
    const details = h(
      "details",
      { open },
      h("summary", {}, h("span", { class: "number" }, i + 1), title),
      item.render(),
    );
    details.addEventListener("input", () => setText(title, summary(item.read())));
    details.addEventListener("change", () => setText(title, summary(item.read())));
    return h(
      "li",
      {},
      details,
      h(
        "span",
        { class: "tools" },
        button(ICONS.up, "Move up", () => this.#move(i, i - 1), i === 0),
        button(ICONS.down, "Move down", () => this.#move(i, i + 1), i === this.items.length - 1),
        button(ICONS.copy, "Copy", () => this.#add(this.items[i].read(), i + 1)),
        remove,
      ),
    );
  }

  #openOnes() {
    return [...this.body.children].map((row) => row.querySelector("details")?.open ?? false);
  }

  #refill(values, opened, focus) {
    this.touched = true;
    this.#fill(values);
    [...this.body.children].forEach((row, i) => {
      const details = row.querySelector("details");
      if (details && opened[i]) details.open = true;
    });
    const row = this.body.children[Math.min(focus, this.items.length - 1)];
    (row?.querySelector("input, select, textarea, summary") ?? this.control.querySelector(".add")).focus();
    this.changed();
  }

  #add(value, at = this.items.length) {
    const values = this.read() ?? [];
    const opened = this.#openOnes();
    values.splice(at, 0, value ?? (this.records ? {} : ""));
    opened.splice(at, 0, true);
    this.#refill(values, opened, at);
    setText(this.announcement, `${this.#noun()} ${at + 1} added`);
  }

  #remove(i) {
    const values = this.#values();
    const opened = this.#openOnes();
    values.splice(i, 1);
    opened.splice(i, 1);
    this.#refill(values, opened, i);
    setText(this.announcement, `${this.#noun()} ${i + 1} removed`);
  }

  #move(from, to) {
    const values = this.#values();
    const opened = this.#openOnes();
    values.splice(to, 0, ...values.splice(from, 1));
    opened.splice(to, 0, ...opened.splice(from, 1));
    this.#refill(values, opened, to);
    const towards = to < from ? "Move up" : "Move down";
    this.body.children[to]?.querySelector(`button[title="${towards}"]:not(:disabled)`)?.focus();
    setText(this.announcement, `${this.#noun()} is now number ${to + 1}`);
  }

  #values() {
    return this.items.map((item) => item.read() ?? (this.records ? {} : ""));
  }

  children() {
    return this.items;
  }

  read() {
    return this.items.length || this.touched ? this.#values() : undefined;
  }

  check() {
    const { minItems = 0, maxItems = Infinity } = this.schema;
    const number = this.items.length;
    const set = number > 0 || this.required;
    const problem = set && number < minItems ? `must have at least ${minItems}` : number > maxItems ? `must have at most ${maxItems}` : "";
    this.complain(problem);
    return this.items.map((item) => item.check()).every(Boolean) && !problem;
  }
}

/** A mapping with keys of one's own. */
class MapField extends Field {
  constructor(schema, pointer, name, required, form, value) {
    super(schema, pointer, name, required, form);
    this.kind = "map";
    this.touched = value !== undefined && value !== null;
    this.rows = [];
    this.body = h("ol", { class: "records" });
    this.control = h(
      "div",
      { class: "list-control", role: "group", "aria-labelledby": `${this.id}-label`, tabindex: -1 },
      this.body,
      h("button", { type: "button", class: "quiet add", onclick: () => this.#add() }, icon(ICONS.add), "Add entry"),
    );
    for (const [key, part] of Object.entries(value ?? {})) this.#row(key, part);
  }

  #row(key, value) {
    const input = h("input", { type: "text", "aria-label": "Key", value: key, placeholder: "name", oninput: () => this.changed() });
    const field = makeField(this.schema.additionalProperties, `${this.pointer}/${escapePointer(key)}`, null, true, this.form, value);
    const row = { input, field };
    const element = h(
      "li",
      { class: "entry" },
      input,
      field.render(),
      h("button", { type: "button", class: "tool", title: "Remove", "aria-label": `Remove ${key || "entry"}`, onclick: () => {
        this.rows.splice(this.rows.indexOf(row), 1);
        element.remove();
        this.touched = true;
        this.changed();
      } }, icon(ICONS.remove)),
    );
    this.rows.push(row);
    this.body.append(element);
    return input;
  }

  #add() {
    this.touched = true;
    this.#row("", undefined).focus();
    this.changed();
  }

  children() {
    return this.rows.map((row) => row.field);
  }

  read() {
    if (!this.rows.length && !this.touched) return undefined;
    return Object.fromEntries(this.rows.filter((row) => row.input.value.trim()).map((row) => [row.input.value.trim(), row.field.read() ?? null]));
  }

  check() {
    return this.children().map((field) => field.check()).every(Boolean);
  }
}

function makeField(rawSchema, pointer, name, required, form, value) {
  const schema = "types" in rawSchema ? rawSchema : plain(rawSchema);
  const { types = [] } = schema;
  // A value that the schema does not foresee is shown as it is rather than lost.
  const fits = value === undefined || value === null || valueFits(schema, value);
  const arguments_ = [schema, pointer, name, required && schema.default === undefined, form, value];
  if (!fits || schema.alternatives) return new JsonField(...arguments_);
  if (schema.enum) return new ChoiceField(...arguments_);
  if (types.includes("array")) return new ListField(...arguments_);
  if (schema.properties) return new RecordField(...arguments_);
  if (types.includes("object")) return typeof schema.additionalProperties === "object" ? new MapField(...arguments_) : new JsonField(...arguments_);
  if (types.length === 1 && types[0] === "boolean") return new SwitchField(...arguments_);
  if (types.some((type) => type === "string" || type === "integer" || type === "number")) return new TextField(...arguments_);
  return new JsonField(...arguments_);
}

function valueFits(schema, value) {
  const { types = [] } = schema;
  if (schema.enum) return schema.enum.includes(value);
  if (Array.isArray(value)) return types.includes("array");
  if (typeof value === "object") return Boolean(schema.properties) || types.includes("object");
  if (typeof value === "boolean") return types.includes("boolean");
  return types.some((type) => type === "string" || type === "integer" || type === "number");
}

/** The form of one configuration. */
export class ConfigForm {
  #listener;

  constructor(schema, value, listener = () => {}) {
    this.#listener = listener;
    const root = plain(schema);
    this.root = new RecordField({ ...root, properties: root.properties ?? {} }, "", null, true, this, value ?? {});
    this.general = h("ul", { class: "form-errors", role: "alert", hidden: true });
    this.element = h("div", { class: "config-form" }, this.general, this.root.control);
    this.isEmpty = Object.keys(root.properties ?? {}).length === 0;
  }

  changed() {
    this.#listener();
  }

  itemLabel(pointer) {
    const parts = pointer.split("/");
    const number = Number(parts.pop()) + 1;
    return Number.isNaN(number) ? label(parts.pop() ?? "value") : `${label(parts.pop() ?? "item")} ${number}`;
  }

  read() {
    return this.root.read();
  }

  /** Checks what can be known here; the node checks all of it. */
  check() {
    this.clear();
    const good = this.root.check();
    if (!good) this.#firstWrong()?.focus();
    return good;
  }

  clear() {
    this.general.hidden = true;
    replace(this.general);
  }

  /** Shows the errors of a problem, each at its field, those of no field above all. */
  showErrors(errors) {
    this.clear();
    let first = null;
    for (const error of errors) {
      const field = this.root.find(error.pointer ?? "");
      if (!field || field === this.root) {
        this.general.append(h("li", {}, [error.pointer, error.detail].filter(Boolean).join(": ")));
        this.general.hidden = false;
      } else {
        const deeper = error.pointer.slice(field.pointer.length);
        field.complain([field.message.textContent, (deeper ? `${deeper.slice(1)}: ` : "") + error.detail].filter(Boolean).join("; "));
        first ??= field;
      }
    }
    first?.reveal();
  }

  #firstWrong() {
    const wrong = this.element.querySelector('[aria-invalid="true"]');
    for (let node = wrong?.parentElement; node; node = node.parentElement) if (node.localName === "details") node.open = true;
    return wrong;
  }
}
