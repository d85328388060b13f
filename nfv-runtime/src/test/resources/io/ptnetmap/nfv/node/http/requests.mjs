// SPDX-License-Identifier: BSD-2-Clause
//
// Makes requests of an OpenAPI contract: valid ones, almost valid ones, and rubbish. What is valid json-schema-faker makes from
// the contract's schemas; what is almost valid it makes from schemas of which one rule was turned round; rubbish is fast-check's.
//
//   node requests.mjs NODE_MODULES <question.json >requests.ndjson
//
// The question: {contract, descriptor: schema of descriptors, sample: a good one, config: schema of a configuration, names: {chain, function, link,
// type, operation}, seed, count}. Each line of the answer: {method, template, path, query, headers, type, body, refused}; "refused"
// says that no valid answer to this is a success.

import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

const modules = process.argv[2];
const load = file => import(pathToFileURL(`${modules}/${file}`));
const { generateSync } = await load("json-schema-faker/dist/index.js");
const fc = (await load("fast-check/lib/fast-check.js")).default;
const question = JSON.parse(readFileSync(0, "utf8"));

// --- Chance ------------------------------------------------------------------------------------------------

let seed = question.seed >>> 0;

/** Mulberry32. */
function chance() {
  seed = (seed + 0x6d2b79f5) >>> 0;
  let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

const below = n => Math.floor(chance() * n);
const pick = list => list[below(list.length)];
const often = share => chance() < share;
const number = () => below(2 ** 31);

const valid = schema => generateSync(schema, { seed: number(), optionalsProbability: 0.3, maxItems: 4 });
const sample = arbitrary => fc.sample(arbitrary, { seed: number(), numRuns: 1 })[0];
const rubbish = () => sample(fc.oneof(fc.string(), fc.string({ unit: "binary", maxLength: 40 }), fc.string({ unit: "grapheme" }),
  fc.json(), fc.ipV6(), fc.webUrl(), fc.constantFrom("..", ".", "%00", "../../etc/passwd", "a".repeat(3000), "\u0000", "\r\nX: y",
    "${jndi:ldap://x}", "<script>", "' or 1=1 --", "\u202e", "*", "~", "-1", "1e400", "NaN", "true", "null", "[]", "{}", "")));

// --- Schemas -----------------------------------------------------------------------------------------------

const resolve = node => (node.$ref ? node.$ref.slice(2).split("/").reduce((at, step) => at[step], question.contract) : node);

/** Schemas of values that break one rule of a schema each. */
function broken(schema) {
  const ways = [];
  if (schema.maxLength !== undefined) {
    ways.push({ type: "string", minLength: schema.maxLength + 1, maxLength: schema.maxLength + 60 });
  }
  if (schema.pattern !== undefined) {
    ways.push({ type: "string", pattern: "^[!@ ][^a-z]{1,9}$" });
  }
  if (schema.minimum !== undefined) {
    ways.push({ type: "integer", minimum: schema.minimum - 100000, maximum: schema.minimum - 1 });
  }
  if (schema.maximum !== undefined) {
    ways.push({ type: "integer", minimum: schema.maximum + 1, maximum: schema.maximum + 100000 });
  }
  if (schema.type === "integer") {
    ways.push({ type: "number", minimum: 0.001, maximum: 0.999 }, { type: "boolean" }, { type: "string", pattern: "^[a-z]{1,9}$" });
  }
  if (schema.type === "boolean") {
    ways.push({ type: "integer" }, { type: "string", pattern: "^[A-Z]{1,9}$" });
  }
  return ways;
}

/** A value of a schema, and whether it breaks it. */
function value(schema, names) {
  if (names && often(0.75)) {
    return { text: pick(names), breaks: false };
  }
  const ways = broken(schema);
  if (ways.length > 0 && often(0.3)) {
    return { text: String(valid(pick(ways))), breaks: schema.type !== "string" };
  }
  return often(0.2) ? { text: rubbish(), breaks: false } : { text: String(valid(schema)), breaks: false };
}

// --- Bodies ------------------------------------------------------------------------------------------------

/** Puts something else into a value, somewhere. */
function mutated(json) {
  if (json === null || typeof json !== "object" || often(0.2)) {
    return often(0.5) ? sample(fc.jsonValue()) : valid({ type: ["string", "number", "boolean", "null", "array", "object"] });
  }
  const keys = Object.keys(json);
  if (keys.length === 0 || often(0.1)) {
    return Array.isArray(json) ? [...json, sample(fc.jsonValue())] : { ...json, [sample(fc.string())]: sample(fc.jsonValue()) };
  }
  const key = pick(keys);
  const changed = Array.isArray(json) ? [...json] : { ...json };
  if (often(0.15)) {
    Array.isArray(changed) ? changed.splice(Number(key), 1) : delete changed[key];
  } else {
    changed[key] = mutated(json[key]);
  }
  return changed;
}

/** What this machine should not do a thousand times over: processes, virtual machines, interfaces, gigabytes. */
function harmless(json) {
  if (json === null || typeof json !== "object") {
    return json;
  }
  if (Array.isArray(json)) {
    return json.map(harmless);
  }
  const kept = Object.entries(json).filter(([key]) => !["process", "vm", "vms", "port", "memory", "worker"].includes(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, harmless(inner)]));
}

function descriptor(chain) {
  const json = often(0.4) ? structuredClone(question.sample) : harmless(valid(question.descriptor));
  if (often(0.85)) {
    json.chain = chain;
  }
  return json;
}

function body(types, chain) {
  const patch = types.includes("application/merge-patch+json");
  let json = patch ? harmless(valid(question.config)) : descriptor(chain);
  for (let i = below(4); i > 0; i--) {
    json = harmless(mutated(json));
  }
  let text = JSON.stringify(json);
  if (often(0.1)) {
    text = text.slice(0, below(text.length + 1)) + rubbish() + text.slice(below(text.length + 1));
  } else if (often(0.05)) {
    text = rubbish();
  }
  return { type: often(0.9) ? pick(types) : pick(["text/plain", "application/json", "application/yaml", "image/png", ";", rubbish()]), text };
}

// --- Requests ----------------------------------------------------------------------------------------------

const line = text => text.toWellFormed().replace(/[^\x20-\x7e\xa1-\xff]/g, "").trim();
const encoded = text => encodeURIComponent(text.toWellFormed());

function request(template, method, operation, shared) {
  const asked = { method: method.toUpperCase(), template, query: [], headers: [], refused: false };
  const parameters = [...shared, ...(operation.parameters ?? [])].map(resolve);
  const path = {};
  for (const parameter of parameters) {
    const schema = resolve(parameter.schema);
    const { text, breaks } = value(schema, parameter.in === "path" ? question.names[parameter.name] : undefined);
    if (parameter.in === "path") {
      path[parameter.name] = text;
    } else if (parameter.in === "query" && parameter.name === "start") {
      // What is made up is not run, but for what is not understood.
      const start = breaks ? text : "false";
      asked.query.push(["start", start]);
      asked.refused ||= breaks;
    } else if (parameter.in === "query" && often(0.5)) {
      asked.query.push([parameter.name, text]);
      asked.refused ||= breaks;
    } else if (parameter.name === "Prefer") {
      asked.headers.push(["Prefer", often(0.5) ? `wait=${below(2)}` : line(text.replace(/wait/g, ""))]);
    } else if (parameter.in === "header" && often(0.3)) {
      asked.headers.push([parameter.name, line(text)]);
    }
  }
  if (often(0.15)) {
    asked.query.push([rubbish(), rubbish()]);
  }
  if (often(0.25)) {
    asked.headers.push([pick(["Accept", "If-None-Match", "If-Match", "Range", "Cookie", "Upgrade", "X-Forwarded-For", "Origin",
      "Content-Encoding", "Accept-Language", "Idempotency-Key", "Last-Event-ID", "Referer"]), line(rubbish())]);
  }
  if (operation.requestBody) {
    const made = body(Object.keys(resolve(operation.requestBody).content), path.chain ?? `c${below(20)}`);
    asked.type = line(made.type);
    asked.body = made.text.toWellFormed();
  }
  asked.path = template.replace(/\{(\w+)\}/g, (whole, name) => encoded(path[name]));
  asked.query = asked.query.map(([name, text]) => [encoded(name), encoded(text)]);
  return asked;
}

const operations = Object.entries(question.contract.paths).flatMap(([template, item]) =>
  Object.entries(item)
    .filter(([method]) => method !== "parameters")
    .map(([method, operation]) => [template, method, operation, item.parameters ?? []]));

/** None of the contract: any method at any address. */
function stray() {
  const method = pick(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "PROPFIND", "M-SEARCH", "X"]);
  const known = pick(operations)[0].replace(/\{\w+\}/g, () => encoded(rubbish()));
  const path = often(0.5) ? known + pick(["", "/", "//", "/..", ";x", "/%2e%2e"]) : "/" + encoded(rubbish()) + "/" + encoded(rubbish());
  return { method, path, query: [], headers: [], refused: false };
}

for (let i = 0; i < question.count; i++) {
  // Each operation comes in its turn, so that none is left out.
  const [template, method, operation, shared] = operations[i % operations.length];
  console.log(JSON.stringify(often(0.1) ? stray() : request(template, method, operation, shared)));
}
