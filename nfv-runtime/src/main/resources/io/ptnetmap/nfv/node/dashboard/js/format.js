// SPDX-License-Identifier: BSD-2-Clause
//
// Numbers and times as people read them.

const PREFIXES = ["", "k", "M", "G", "T"];
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** `1,234,567`. */
export function count(number) {
  return whole.format(number ?? 0);
}

/** `1.23 Mpps`: three digits and a prefix. */
export function rate(perSecond, unit) {
  if (!Number.isFinite(perSecond)) return "–";
  let value = perSecond;
  let prefix = 0;
  while (value >= 999.5 && prefix < PREFIXES.length - 1) {
    value /= 1000;
    prefix++;
  }
  const decimals = value >= 99.95 || value === Math.round(value) ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(decimals)} ${PREFIXES[prefix]}${unit}`;
}

export const packets = (perSecond) => rate(perSecond, "pps");
export const bits = (perSecond) => rate(perSecond, "bit/s");

/** `350 ns`, `1.20 ms`, `3.4 s`. */
export function nanos(value) {
  if (!Number.isFinite(value)) return "–";
  const units = [["s", 1e9], ["ms", 1e6], ["µs", 1e3], ["ns", 1]];
  const [unit, size] = units.find(([, size]) => value >= size) ?? units[3];
  const scaled = value / size;
  return `${scaled >= 100 || unit === "ns" ? scaled.toFixed(0) : scaled.toFixed(scaled >= 10 ? 1 : 2)} ${unit}`;
}

/** `3 d 4 h`, `12 min 5 s`. */
export function duration(seconds) {
  const total = Math.max(0, Math.floor(seconds));
  const parts = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const first = Math.min(parts.findIndex(([, size]) => total >= size) + 1 || 4, 4) - 1;
  const [unit, size] = parts[first];
  const next = parts[first + 1];
  const rest = next ? Math.floor((total % size) / next[1]) : 0;
  return `${Math.floor(total / size)} ${unit}` + (rest ? ` ${rest} ${next[0]}` : "");
}

/** `14:03:22`, with the date where it is not today's. */
export function time(text) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return String(text);
  const clock = date.toLocaleTimeString([], { hour12: false });
  return date.toDateString() === new Date().toDateString() ? clock : `${date.toLocaleDateString()} ${clock}`;
}

/** `1 function`, `3 functions`. */
export function many(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** At most so many characters, the last one an ellipsis where there were more. */
export function shortened(text, length) {
  const characters = Array.from(text);
  return characters.length <= length ? text : characters.slice(0, length - 1).join("") + "…";
}
