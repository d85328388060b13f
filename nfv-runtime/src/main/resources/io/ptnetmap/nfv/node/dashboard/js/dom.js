// SPDX-License-Identifier: BSD-2-Clause
//
// Makes elements. Text only ever becomes text nodes and attribute values: nothing here, or elsewhere in the dashboard, parses
// markup, so what functions, packets and people name or say cannot become part of the page.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/** Adds children: nodes, anything else as text; nothing for null, undefined and false. */
export function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** An HTML element; properties that begin with `on` are listeners. */
export function h(name, properties, ...children) {
  return fill(document.createElement(name), properties, children);
}

/** An SVG element. */
export function svg(name, properties, ...children) {
  return fill(document.createElementNS(SVG, name), properties, children);
}

/** Sets text where it differs, so that the browser lays out only what has changed. */
export function setText(node, text) {
  const string = String(text);
  if (node.textContent !== string) node.textContent = string;
}

/** Sets or, for null, removes an attribute where it differs. */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, String(value));
  }
}

/** Replaces all children. */
export function replace(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/** An icon of the page's own set: a path in a box of 16 by 16. */
export function icon(path) {
  return svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" }, svg("path", { d: path }));
}

export const ICONS = {
  add: "M8 3v10M3 8h10",
  remove: "M4 4l8 8M12 4l-8 8",
  up: "M8 13V3M4 7l4-4 4 4",
  down: "M8 3v10M4 9l4 4 4-4",
  copy: "M6 5h7v8H6zM3 10V3h7",
  start: "M5 3l8 5-8 5z",
  stop: "M4 4h8v8H4z",
  edit: "M3 13l1-3 7-7 2 2-7 7zM10 4l2 2",
  trash: "M3 4h10M6 4V2h4v2M5 4l1 10h4l1-10",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1M8 14v1M1 8h1M14 8h1M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1",
  moon: "M13 10A6 6 0 0 1 6 3a5.5 5.5 0 1 0 7 7z",
  chains: "M2 5h4v6H2zM10 5h4v6h-4zM6 8h4",
  events: "M3 4h10M3 8h10M3 12h6",
  node: "M2 3h12v4H2zM2 9h12v4H2zM4.5 5h.01M4.5 11h.01",
  out: "M6 3H3v10h3M10 5l3 3-3 3M13 8H6",
  capture: "M8 2v8M4 7l4 4 4-4M2 14h12",
  restore: "M3 8a5 5 0 1 0 2-4M5 1v3h3",
};
