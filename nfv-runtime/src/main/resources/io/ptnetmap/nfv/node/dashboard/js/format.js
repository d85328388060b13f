// SPDX-License-Identifier: BSD-2-Clause
//
// Numbers and times as people read them.

const PREFIXES = ["", "k", "M", "G", "T"];
const TIME_UNITS = ["ns", "µs", "ms", "s"];
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** States in which a function does not do its work. */
export const TROUBLE = ["quarantined", "restarting", "failed"];

/** `1,234,567`. */
export function count(number) {
  return whole.format(number ?? 0);
}

/** A value as less than a thousand of the unit of a row of units, each of which is a thousand of the one before. */
function scaled(value, units) {
  let unit = 0;
  let part = value;
  while (part >= 999.5 && unit < units.length - 1) {
    part /= 1000;
    unit++;
  }
  return [part, units[unit]];
}

/** So many decimals as make three digits, once the value is rounded. */
const decimals = (value) => (value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);

/** `1.23 Mpps`: three digits and a prefix. */
export function rate(perSecond, unit) {
  if (!Number.isFinite(perSecond)) return "–";
  const [value, prefix] = scaled(perSecond, PREFIXES);
  return `${value.toFixed(value === Math.round(value) ? 0 : decimals(value))} ${prefix}${unit}`;
}

export const packets = (perSecond) => rate(perSecond, "pps");
export const bits = (perSecond) => rate(perSecond, "bit/s");
/** `1.23 MB`. */
export const bytes = (number) => rate(number, "B");

/** `350 ns`, `85.0 µs`, `1.20 ms`, `12.5 s`: three digits. */
export function nanos(number) {
  if (!Number.isFinite(number)) return "–";
  const [value, unit] = scaled(number, TIME_UNITS);
  return `${value.toFixed(unit === TIME_UNITS[0] ? 0 : decimals(value))} ${unit}`;
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
  if (characters.length <= length) return text;
  // Names that begin alike differ at their ends.
  const end = Math.floor((length - 1) * 0.4);
  return `${characters.slice(0, length - 1 - end).join("")}…${characters.slice(characters.length - end).join("")}`;
}
