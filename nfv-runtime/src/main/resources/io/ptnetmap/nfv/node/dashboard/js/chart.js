// SPDX-License-Identifier: BSD-2-Clause
//
// Time series of the last five minutes, drawn on a canvas.

import { h, setText } from "./dom.js";

const WINDOW_MILLIS = 300_000;
const SHORTEST_MILLIS = 20_000;
const GAP_MILLIS = 5000;
/** What a chart's width stands for: as little as holds all that is known. */
const SPANS = [60_000, 120_000, WINDOW_MILLIS];

function prepare(canvas) {
  const scale = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (!width || !height) return null;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

function line(context, points, x, y) {
  context.beginPath();
  points.forEach(([time, value], i) => (i ? context.lineTo(x(time), y(value)) : context.moveTo(x(time), y(value))));
}

/** The points in rows without gaps: for as long as nothing was heard of the node, nothing is drawn. */
function rows(points) {
  const all = [];
  points.forEach((point, i) => (i && point[0] - points[i - 1][0] < GAP_MILLIS ? all[all.length - 1].push(point) : all.push([point])));
  return all.filter((row) => row.length > 1);
}

/** A line, and the area below it. */
function draw(context, points, x, y, bottom, opacity) {
  context.fillStyle = context.strokeStyle;
  context.lineJoin = "round";
  for (const row of rows(points)) {
    line(context, row, x, y);
    context.stroke();
    context.lineTo(x(row[row.length - 1][0]), bottom);
    context.lineTo(x(row[0][0]), bottom);
    context.globalAlpha = opacity;
    context.fill();
    context.globalAlpha = 1;
  }
}

/** The next larger of 1, 2, 5, 10, 20, 50 ... */
function niceMaximum(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? 10 * power;
}

/** A line without axes, for lists. */
export class Sparkline {
  constructor() {
    this.element = h("canvas", { class: "sparkline", "aria-hidden": "true" });
  }

  draw(points) {
    const area = prepare(this.element);
    if (!area || points.length < 2) return;
    const { context, width, height } = area;
    const end = points[points.length - 1][0];
    const span = Math.max(SHORTEST_MILLIS, end - points[0][0]);
    const top = Math.max(1, ...points.map(([, value]) => value));
    const x = (time) => width - ((end - time) / span) * width;
    const y = (value) => height - 1.5 - (value / top) * (height - 3);
    context.strokeStyle = getComputedStyle(this.element).color;
    context.lineWidth = 1.5;
    draw(context, points, x, y, height, 0.12);
  }
}

/**
 * Several series with axes and a legend that tells their values now, or where the pointer is.
 *
 * `series` are {name, label, colour}, the colour a custom property of the style sheet; `format` makes text of a value.
 */
export class Chart {
  constructor(title, series, format, maximum) {
    this.series = series;
    this.format = format;
    this.maximum = maximum;
    this.pointer = null;
    this.points = [];
    this.canvas = h("canvas", { class: "plot", role: "img", "aria-label": `${title}, the last five minutes` });
    this.values = series.map(() => h("b", {}, "–"));
    this.when = h("span", { class: "chart-when" }, "now");
    this.element = h(
      "figure",
      { class: "chart" },
      h(
        "figcaption",
        {},
        h("span", { class: "chart-title" }, title),
        series.map((one, i) => h("span", { class: "legend" }, h("i", { class: `swatch ${one.colour}` }), one.label, " ", this.values[i])),
        this.when,
      ),
      this.canvas,
    );
    this.canvas.addEventListener("pointermove", (event) => {
      this.pointer = event.offsetX;
      this.paint();
    });
    this.canvas.addEventListener("pointerleave", () => {
      this.pointer = null;
      this.paint();
    });
  }

  draw(history) {
    this.points = this.series.map((one) => history.points(one.name));
    this.paint();
  }

  paint() {
    const area = prepare(this.canvas);
    if (!area) return;
    const { context, width, height } = area;
    const style = getComputedStyle(this.canvas);
    const all = this.points.flat();
    const end = all.length ? Math.max(...all.map(([time]) => time)) : Date.now();
    const top = this.maximum ?? niceMaximum(Math.max(1, ...all.map(([, value]) => value)));
    const left = 64;
    const bottom = height - 18;
    const span = SPANS.find((millis) => millis >= end - Math.min(end, ...all.map(([time]) => time))) ?? WINDOW_MILLIS;
    const x = (time) => width - 6 - ((end - time) / span) * (width - left - 6);
    const y = (value) => bottom - (value / top) * (bottom - 8);

    context.font = `11px ${style.fontFamily}`;
    context.fillStyle = style.getPropertyValue("--muted");
    context.strokeStyle = style.getPropertyValue("--line");
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const part of [0, 0.5, 1]) {
      const at = Math.round(y(top * part)) + 0.5;
      context.beginPath();
      context.moveTo(left, at);
      context.lineTo(width - 6, at);
      context.stroke();
      context.fillText(this.format(top * part), left - 6, at);
    }
    context.textBaseline = "alphabetic";
    const steps = width < 480 ? 2 : span === WINDOW_MILLIS ? 5 : 4;
    for (let step = 0; step <= steps; step++) {
      const seconds = (span / 1000) * (step / steps);
      context.textAlign = step === steps ? "left" : step === 0 ? "right" : "center";
      context.fillText(step === 0 ? "now" : seconds < 120 ? `−${seconds} s` : `−${seconds / 60} min`, x(end - seconds * 1000), height - 4);
    }

    this.series.forEach((one, i) => {
      const points = this.points[i];
      if (points.length < 2) return;
      context.strokeStyle = style.getPropertyValue(`--${one.colour}`);
      context.lineWidth = 1.75;
      draw(context, points, x, y, bottom, 0.08);
    });
    this.#readings(context, x, { end, span, left, width, bottom }, style);
  }

  #readings(context, x, { end, span, left, width, bottom }, style) {
    const at = this.pointer === null || this.pointer < left ? end : end - ((width - 6 - this.pointer) / (width - left - 6)) * span;
    this.series.forEach((one, i) => {
      let nearest = null;
      for (const point of this.points[i]) {
        if (!nearest || Math.abs(point[0] - at) < Math.abs(nearest[0] - at)) nearest = point;
      }
      setText(this.values[i], nearest ? this.format(nearest[1]) : "–");
    });
    setText(this.when, at === end ? "now" : `${Math.round((end - at) / 1000)} s ago`);
    if (at !== end) {
      context.strokeStyle = style.getPropertyValue("--muted");
      context.beginPath();
      context.moveTo(x(at), 8);
      context.lineTo(x(at), bottom);
      context.stroke();
    }
  }
}
