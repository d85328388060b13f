// SPDX-License-Identifier: BSD-2-Clause
//
// A chain drawn: functions as boxes in the path's order, those in parallel one below the other, what shares a process or a
// virtual machine in one frame, links with their rates between them. Rows break where the page is narrow; on a phone there is
// one box in a row.

import { setAttribute, setText, svg } from "./dom.js";
import { bits, packets, shortened, TROUBLE } from "./format.js";

const BOX = { width: 154, height: 82 };
const GAP = { narrow: 114, wide: 180, vertical: 116 };
const MEMBERS_APART = 40;
const FRAME = 10;
const FRAME_LABEL = 20;
const ROWS_APART = 76;
const BAR = 56;
/** Where a link's texts stand, by its shape: beside the middle of the line, and anchored how. */
const LABELS = {
  across: { forward: [0, -22, "middle"], forwardBits: [0, -8, "middle"], backward: [0, 16, "middle"], kind: [0, 30, "middle"], bar: [-BAR / 2, 37] },
  down: { forward: [16, -22, "start"], forwardBits: [126, -22, "start"], backward: [16, -5, "start"], kind: [16, 12, "start"], bar: [16, 19] },
  round: { forward: [-5, -8, "end"], forwardBits: [5, -8, "start"], backward: [14 + BAR, 17, "start"], kind: [-5, 17, "end"], bar: [5, 11] },
};

/** Names of descriptor elements, by the rule of docs/chain.md: the second one of a type gets `-2`, and so on. */
function descriptorNames(elements) {
  const taken = new Map();
  return elements.map((element) => {
    const plain = element.name ?? element.port ?? element.type;
    const number = (taken.get(plain) ?? 0) + 1;
    taken.set(plain, number);
    return element.name || number === 1 ? plain : `${plain}-${number}`;
  });
}

/** The chain's functions in stages, one after another; those of one stage look at the same packets. */
export function stages(descriptor, functions) {
  const elements = descriptor?.functions ?? [];
  const names = descriptorNames(elements.flatMap((element) => element.parallel ?? [element]));
  const stageOf = new Map();
  let at = 0;
  elements.forEach((element, stage) => {
    for (let i = 0; i < (element.parallel?.length ?? 1); i++) stageOf.set(names[at++], element.parallel ? stage : -1);
  });
  const result = [];
  let last = -1;
  for (const one of functions) {
    const stage = stageOf.get(one.name) ?? -1;
    if (stage >= 0 && stage === last) result[result.length - 1].push(one);
    else result.push([one]);
    last = stage;
  }
  return result;
}

function frameOf(one) {
  const placement = one.placement ?? "same";
  if (placement.startsWith("vm ")) return { key: placement, label: `VM ${placement.slice(3)}` };
  if (placement === "own") return { key: `own ${one.name}`, label: `own process${one.process?.startsWith("pid") ? `, ${one.process}` : ""}` };
  return { key: "same", label: "node’s process" };
}

const middle = (box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });

export class ChainGraph {
  constructor(chain, descriptor, functions, links) {
    this.chain = chain;
    this.stages = stages(descriptor, functions);
    this.links = links;
    this.boxes = new Map();
    this.labels = new Map();
    this.selected = null;
    this.element = svg("svg", { class: "graph", role: "group", "aria-label": `Functions and links of ${chain}` });
  }

  /** Draws anew for a width in CSS pixels. */
  layout(width) {
    const most = Math.max(1, Math.floor((width - 2 * FRAME + GAP.narrow) / (BOX.width + GAP.narrow)));
    const columns = Math.ceil(this.stages.length / Math.ceil(this.stages.length / most));
    this.vertical = most === 1;
    const used = Math.min(columns, this.stages.length);
    const room = (width - 2 * FRAME - used * BOX.width) / Math.max(1, used - 1);
    this.gap = this.vertical ? GAP.vertical : Math.min(GAP.wide, Math.max(GAP.narrow, room));
    const height = this.vertical ? this.#placeVertically(width) : this.#placeInRows(columns);
    const right = Math.max(...this.places.flat().map((box) => box.x + box.width)) + FRAME;
    this.boxes.clear();
    this.labels.clear();
    this.element.replaceChildren(
      svg("defs", {}, svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 11, markerHeight: 11, markerUnits: "userSpaceOnUse", orient: "auto" }, svg("path", { class: "arrow", d: "M0 0l8 4-8 4z" }))),
      ...this.#frames(),
      ...this.links.map((link) => this.#link(link)).filter(Boolean),
      ...this.stages.flatMap((members, i) => members.map((one, j) => this.#box(one, this.places[i][j]))),
    );
    const drawn = Math.max(right, this.vertical ? width : 0);
    setAttribute(this.element, "viewBox", `0 0 ${drawn} ${height}`);
    setAttribute(this.element, "width", drawn);
    setAttribute(this.element, "height", height);
    this.select(this.selected);
  }

  #placeInRows(columns) {
    this.places = [];
    let top = FRAME_LABEL + FRAME;
    for (let first = 0; first < this.stages.length; first += columns) {
      const row = this.stages.slice(first, first + columns);
      const most = Math.max(...row.map((members) => members.length));
      const rowHeight = most * BOX.height + (most - 1) * MEMBERS_APART;
      row.forEach((members, column) => {
        const stageHeight = members.length * BOX.height + (members.length - 1) * MEMBERS_APART;
        const x = FRAME + column * (BOX.width + this.gap);
        const y = top + (rowHeight - stageHeight) / 2;
        this.places.push(members.map((_, j) => ({ x, y: y + j * (BOX.height + MEMBERS_APART), ...BOX, row: first })));
      });
      top += rowHeight + FRAME + ROWS_APART + FRAME_LABEL;
    }
    return top - FRAME_LABEL - ROWS_APART + 4;
  }

  #placeVertically(width) {
    this.places = [];
    const boxWidth = Math.min(320, width - 2 * FRAME);
    const x = (width - boxWidth) / 2;
    let top = FRAME_LABEL + FRAME;
    for (const members of this.stages) {
      this.places.push(
        members.map((_, j) => ({ x, y: top + j * (BOX.height + 12), width: boxWidth, height: BOX.height, row: top })),
      );
      top += members.length * (BOX.height + 12) - 12 + this.gap;
    }
    return top - this.gap + FRAME + 4;
  }

  #frames() {
    const frames = [];
    let open = null;
    this.stages.forEach((members, i) => {
      const kinds = members.map(frameOf);
      const first = this.places[i][0];
      const same = kinds.every((kind) => kind.key === kinds[0].key);
      if (!same) {
        kinds.forEach((kind, j) => frames.push({ label: kind.label, key: kind.key, boxes: [this.places[i][j]] }));
        open = null;
      } else if (open && open.key === kinds[0].key && (this.vertical || open.row === first.row)) {
        open.boxes.push(...this.places[i]);
      } else {
        open = { ...kinds[0], row: first.row, boxes: [...this.places[i]] };
        frames.push(open);
      }
    });
    return frames.map(({ label, key, boxes }) => {
      const left = Math.min(...boxes.map((box) => box.x)) - FRAME + 2;
      const top = Math.min(...boxes.map((box) => box.y)) - FRAME - 12;
      const right = Math.max(...boxes.map((box) => box.x + box.width)) + FRAME - 2;
      const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + FRAME;
      return svg(
        "g",
        { class: `frame ${key === "same" ? "same" : key.startsWith("vm ") ? "vm" : "own"}` },
        svg("rect", { x: left, y: top, width: right - left, height: bottom - top, rx: 12 }),
        svg("text", { x: this.vertical ? right - 10 : left + 10, y: top + 15, "text-anchor": this.vertical ? "end" : "start" }, shortened(label, Math.floor((right - left - 20) / 6.4))),
      );
    });
  }

  #box(one, place) {
    // As many of a bold face's as end before the state's dot.
    const characters = Math.floor((place.width - 40) / 8.7);
    const parts = {
      title: svg("title", {}),
      state: svg("circle", { class: "state", cx: place.x + place.width - 16, cy: place.y + 19, r: 4.5 }),
      rate: svg("text", { class: "figure", x: place.x + 12, y: place.y + 56 }, "–"),
      below: svg("text", { class: "small below", x: place.x + 12, y: place.y + 72 }),
    };
    const subtitle = one.port ? "port" : one.type === one.name ? "" : one.type;
    const element = svg(
      "a",
      { class: "box", href: `#/chains/${encodeURIComponent(this.chain)}/functions/${encodeURIComponent(one.name)}`, "data-function": one.name },
      parts.title,
      svg("rect", { x: place.x, y: place.y, width: place.width, height: place.height, rx: 8 }),
      svg("text", { class: "name", x: place.x + 12, y: place.y + 23 }, shortened(one.name, characters)),
      svg("text", { class: "small", x: place.x + 12, y: place.y + 38 }, shortened(subtitle, characters + 4)),
      parts.state,
      parts.rate,
      parts.below,
    );
    this.boxes.set(one.name, { one, element, parts });
    this.#showState(one.name, one.state);
    return element;
  }

  #link(link) {
    const from = this.#placeOf(link.from);
    const to = this.#placeOf(link.to);
    if (!from || !to) return null;
    // In one column a stage has one line to it, whatever number of members.
    if (this.vertical && (from.member > 0 || to.member > 0)) return null;
    const { path, label, shape } = this.#route(from, to);
    const others = this.vertical ? [] : this.#unnamed(link).map(([one, other]) => this.#route(this.#placeOf(one), this.#placeOf(other)).path);
    const places = LABELS[shape];
    const text = (part, kind) => svg("text", { class: kind, x: label.x + places[part][0], y: label.y + places[part][1], "text-anchor": places[part][2] });
    const parts = {
      title: svg("title", {}),
      forward: text("forward", "figure"),
      forwardBits: text("forwardBits", "small"),
      backward: text("backward", "small"),
      kind: text("kind", "small kind"),
      bar: svg("rect", { class: "level", x: label.x + places.bar[0], y: label.y + places.bar[1], width: 0, height: 5, rx: 2.5 }),
    };
    const trough = svg("rect", { class: "trough", x: parts.bar.getAttribute("x"), y: parts.bar.getAttribute("y"), width: BAR, height: 5, rx: 2.5 });
    const element = svg(
      "a",
      { class: "link", href: `#/chains/${encodeURIComponent(this.chain)}/links/${encodeURIComponent(link.name)}`, "data-link": link.name },
      parts.title,
      svg("path", { class: "wire-area", d: path }),
      [path, ...others].map((one) => svg("path", { class: "wire", d: one, "marker-end": "url(#arrow)" })),
      parts.forward,
      parts.forwardBits,
      parts.backward,
      parts.kind,
      link.slots ? [trough, parts.bar] : null,
    );
    this.labels.set(link.name, { link, element, parts });
    return element;
  }

  /** Where a link stands for all functions in parallel: the pairs of them that no other link names. */
  #unnamed(link) {
    const stage = (name) => this.stages.find((members) => members.some((one) => one.name === name)).map((one) => one.name);
    return stage(link.from)
      .flatMap((from) => stage(link.to).map((to) => [from, to]))
      .filter(([from, to]) => !this.links.some((other) => other.from === from && other.to === to));
  }

  #placeOf(name) {
    for (let i = 0; i < this.stages.length; i++) {
      const member = this.stages[i].findIndex((one) => one.name === name);
      if (member >= 0) return { ...this.places[i][member], stage: i, member, members: this.stages[i].length, places: this.places[i] };
    }
    return null;
  }

  #route(from, to) {
    if (this.vertical) {
      const x = from.x + 28;
      const start = from.places[from.places.length - 1];
      const top = start.y + start.height;
      return { path: `M${x} ${top}V${to.y - 2}`, label: { x, y: (top + to.y) / 2 - 2 }, shape: "down" };
    }
    const a = { x: from.x + from.width, y: middle(from).y };
    const b = { x: to.x - 2, y: middle(to).y };
    if (from.row === to.row) {
      // The label stands where the line is level: on the side that has more members.
      const level = to.members > from.members ? b.y : a.y;
      const bend = to.members > from.members ? a.x + 4 : b.x - 4;
      const path =
        a.y === b.y
          ? `M${a.x} ${a.y}H${b.x}`
          : to.members > from.members
            ? `M${a.x} ${a.y}C${bend + 14} ${a.y} ${bend} ${b.y} ${bend + 22} ${b.y}H${b.x}`
            : `M${a.x} ${a.y}H${bend - 22}C${bend} ${a.y} ${bend - 14} ${b.y} ${b.x} ${b.y}`;
      return { path, label: { x: (a.x + b.x) / 2, y: level }, shape: "across" };
    }
    // From the end of a row to the beginning of the next one.
    const bottom = Math.max(...this.places.filter((places) => places[0].row === from.row).flat().map((box) => box.y + box.height));
    const between = bottom + FRAME + ROWS_APART / 2 - 8;
    const down = middle(from).x;
    // Beside what is written at the top of the frame.
    const into = to.x + to.width - 14;
    const path = `M${down} ${from.y + from.height}V${between - 8}q0 8 -8 8H${into + 8}q-8 0 -8 8V${to.y - 2}`;
    return { path, label: { x: (down + into) / 2, y: between }, shape: "round" };
  }

  #showState(name, state) {
    const box = this.boxes.get(name);
    if (!box || !state) return;
    box.state = state;
    setAttribute(box.element, "data-state", state);
  }

  /** Takes over the functions' states. */
  functions(functions) {
    for (const one of functions) this.#showState(one.name, one.state);
  }

  /** Marks what the page tells more about. */
  select(name) {
    this.selected = name;
    for (const [key, { element }] of [...this.boxes, ...this.labels]) {
      setAttribute(element, "aria-current", key === name ? "true" : null);
    }
  }

  /** Shows the newest rates. */
  update(live) {
    for (const [name, { one, parts, element, state }] of this.boxes) {
      const now = live.functions.get(name);
      if (now?.state && now.state !== state) this.#showState(name, now.state);
      const rates = now?.rates;
      setText(parts.rate, rates ? packets(Math.max(rates.received + rates.created, rates.sent)) : "–");
      const drops = rates?.dropped > 0;
      const known = now?.state ?? one.state;
      // What is wrong is told in words, too, not by a colour alone.
      const trouble = TROUBLE.includes(known) ? known : "";
      setText(parts.below, trouble || (drops ? `drops ${packets(rates.dropped)}` : rates ? bits(Math.max(rates.receivedBits, rates.sentBits)) : ""));
      setAttribute(element, "data-drops", drops);
      const text = `${name}, ${one.type}, ${known}` + (rates ? `, ${packets(rates.received + rates.created)} in, ${packets(rates.dropped)} dropped` : "");
      setText(parts.title, text);
      setAttribute(element, "aria-label", text);
    }
    for (const [name, { link, parts, element }] of this.labels) this.#showLink(live, name, link, parts, element);
  }

  #showLink(live, name, link, parts, element) {
    const now = live.links.get(name);
    const { forward, backward } = now?.rates ?? {};
    const arrows = this.vertical ? ["↓", "↑"] : ["→", "←"];
    setText(parts.forward, forward ? `${arrows[0]} ${packets(forward.packets)}` : "–");
    setText(parts.forwardBits, forward ? bits(forward.bits) : "");
    setText(parts.backward, backward?.packets > 0 ? `${arrows[1]} ${packets(backward.packets)}, ${bits(backward.bits)}` : "");
    const kind = now?.kind ?? link.kind;
    setText(parts.kind, [kind, link.copies].filter((word) => word && word !== "-").join(" · "));
    setAttribute(element, "data-copies", link.copies);
    const part = now?.slots ? Math.min(1, Math.max(0, now.used / now.slots)) : 0;
    setAttribute(parts.bar, "width", Math.round(part * BAR));
    setAttribute(element, "data-level", part > 0.9 ? "full" : part > 0.6 ? "high" : null);
    const text =
      `link from ${link.from} to ${link.to}, ${kind}${link.copies ? `, ${link.copies}` : ""}${link.reason ? `: ${link.reason}` : ""}` +
      (forward ? `, ${packets(forward.packets)}` : "") +
      (backward ? `, back ${packets(backward.packets)}` : "") +
      (now?.slots ? `, ${now.used} of ${now.slots} slots used` : "");
    setText(parts.title, text);
    setAttribute(element, "aria-label", text);
  }
}
