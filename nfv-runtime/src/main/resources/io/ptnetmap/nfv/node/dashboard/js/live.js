// SPDX-License-Identifier: BSD-2-Clause
//
// The accounts of all chains as they come: rates between the last two, and those of the last five minutes.

const SECONDS = 300;

/** Rates of one chain over time: a ring of moments, and for each series a ring of values beside it. */
class History {
  constructor() {
    this.times = new Float64Array(SECONDS);
    this.series = new Map();
    this.head = 0;
    this.size = 0;
  }

  add(time, values) {
    const at = this.head;
    this.times[at] = time;
    for (const [name, value] of values) {
      if (!this.series.has(name)) this.series.set(name, new Float32Array(SECONDS).fill(NaN));
      this.series.get(name)[at] = value;
    }
    this.head = (at + 1) % SECONDS;
    this.size = Math.min(SECONDS, this.size + 1);
  }

  /** Moments and values of a series, the earliest first. */
  points(name) {
    const series = this.series.get(name);
    const points = [];
    if (!series) return points;
    for (let i = 0; i < this.size; i++) {
      const at = (this.head - this.size + i + SECONDS) % SECONDS;
      if (!Number.isNaN(series[at])) points.push([this.times[at], series[at]]);
    }
    return points;
  }
}

const perSecond = (now, before, seconds) => Math.max(0, (now ?? 0) - (before ?? 0)) / seconds;

function functionRates(account, before, seconds) {
  const drops = {};
  for (const [cause, number] of Object.entries(account.drops ?? {})) {
    drops[cause] = perSecond(number, before.drops?.[cause], seconds);
  }
  return {
    received: perSecond(account.received, before.received, seconds),
    receivedBits: 8 * perSecond(account["received-bytes"], before["received-bytes"], seconds),
    created: perSecond(account.created, before.created, seconds),
    sent: perSecond(account.sent, before.sent, seconds),
    sentBits: 8 * perSecond(account["sent-bytes"], before["sent-bytes"], seconds),
    consumed: perSecond(account.consumed, before.consumed, seconds),
    dropped: perSecond(account.dropped, before.dropped, seconds),
    drops,
  };
}

/** A direction's packets and bits per second. */
function direction(now, before, seconds) {
  return { packets: perSecond(now.packets, before.packets, seconds), bits: 8 * perSecond(now.bytes, before.bytes, seconds) };
}

function forgetOthers(known, entries) {
  const names = new Set(entries.map((entry) => entry.name));
  for (const name of known.keys()) if (!names.has(name)) known.delete(name);
}

/** What is known of one chain's accounts. */
class LiveChain {
  constructor() {
    this.history = new History();
    this.functions = new Map();
    this.links = new Map();
    this.now = null;
    this.rates = { packets: NaN, bits: NaN, dropped: NaN };
  }

  update(statistics) {
    const before = this.now;
    const seconds = before ? (statistics["elapsed-nanos"] - before["elapsed-nanos"]) / 1e9 : NaN;
    this.now = statistics;
    this.conservation = statistics.conservation;
    if (before && !(seconds > 0)) {
      // The chain was started anew.
      this.functions.clear();
      this.links.clear();
      return;
    }
    // What a change has taken away is not told of any more.
    forgetOthers(this.functions, statistics.functions);
    forgetOthers(this.links, statistics.links);
    const values = [];
    let packets = 0;
    let bits = 0;
    let dropped = 0;
    for (const entry of statistics.functions) {
      const earlier = before?.functions.find((other) => other.name === entry.name)?.account;
      const rates = earlier ? functionRates(entry.account, earlier, seconds) : null;
      this.functions.set(entry.name, { ...entry, rates });
      if (!rates) continue;
      // A chain is as fast as what most packets pass in it.
      if (rates.received + rates.created > packets) {
        packets = rates.received + rates.created;
        bits = Math.max(rates.receivedBits, rates.sentBits);
      }
      dropped += rates.dropped;
      values.push([`${entry.name} received`, rates.received + rates.created], [`${entry.name} sent`, rates.sent]);
      values.push([`${entry.name} dropped`, rates.dropped]);
    }
    for (const entry of statistics.links) {
      const earlier = before?.links.find((other) => other.name === entry.name);
      const forward = earlier && direction(entry.forward, earlier.forward, seconds);
      const backward = earlier && direction(entry.backward, earlier.backward, seconds);
      this.links.set(entry.name, { ...entry, rates: { forward, backward } });
      if (forward) values.push([`${entry.name} forward`, forward.packets], [`${entry.name} backward`, backward.packets]);
      if (entry.slots) values.push([`${entry.name} used`, (100 * entry.used) / entry.slots]);
    }
    if (!before) return;
    this.rates = { packets, bits, dropped };
    values.push(["packets", packets], ["dropped", dropped]);
    this.history.add(Date.parse(statistics.time) || Date.now(), values);
  }
}

/** The accounts of all chains, by name. */
export class Live {
  #chains = new Map();
  #listeners = new Set();
  #scheduled = false;

  chain(name) {
    if (!this.#chains.has(name)) this.#chains.set(name, new LiveChain());
    return this.#chains.get(name);
  }

  forget(name) {
    this.#chains.delete(name);
  }

  update(statistics) {
    this.chain(statistics.chain).update(statistics);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // The accounts of many chains come together; the page is drawn once for all of them.
    setTimeout(() => {
      this.#scheduled = false;
      this.#listeners.forEach((listener) => listener());
    }, 50);
  }

  /** Calls a listener after each update, until the function that it returns is called. */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
