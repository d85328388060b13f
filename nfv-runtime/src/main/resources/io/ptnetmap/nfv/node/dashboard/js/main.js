// SPDX-License-Identifier: BSD-2-Clause
//
// The dashboard: who uses it, what it follows, which view it shows.

import { follow, get, list, onRefused, session, soFar } from "./api.js";
import { h, icon, ICONS, replace, setAttribute, setText } from "./dom.js";
import { Live } from "./live.js";
import { failure, heading } from "./ui.js";
import { ChainView } from "./chain.js";
import { EditorView } from "./editor.js";
import { EventsView } from "./events.js";
import { NodeView } from "./node.js";
import { OverviewView } from "./overview.js";

const ROLES = ["read", "operate", "admin"];
const KEPT_EVENTS = 500;
const REFRESH_MILLIS = 250;

/** What all views share. */
class App {
  #streams = [];
  #listeners = new Set();
  #refresh = 0;
  #followed = false;
  #last = "";
  #view = null;
  #connections = { events: "waiting", statistics: "waiting" };

  live = new Live();
  node = {};
  token = {};
  chains = new Map();
  events = [];

  /** Whether the token's role allows what needs this one. */
  may(role) {
    return ROLES.indexOf(this.token.role) >= ROLES.indexOf(role);
  }

  /** Calls a listener for each event of the node, until the function that it returns is called. */
  onEvent(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async start() {
    session.takeFromAddress();
    onRefused(() => this.#signIn("The node does not know this token, or it has expired."));
    addEventListener("hashchange", () => this.route());
    this.#theme();
    const leave = document.getElementById("leave");
    leave.append(icon(ICONS.out));
    leave.addEventListener("click", () => {
      session.close();
      this.#signIn("");
    });
    if (session.token()) await this.enter();
    else this.#signIn("");
  }

  /** Begins to follow the node with the session's token. */
  async enter() {
    try {
      this.token = await get("/v1/token");
      this.node = await get("/v1/node");
      await this.loadChains();
      const past = await soFar("/v1/events?follow=false");
      this.events = past.events.slice(-KEPT_EVENTS).reverse();
      this.#last = past.last;
    } catch (error) {
      if (error.status !== 401) {
        this.#connection("events", "waiting");
        replace(document.getElementById("main"), heading([], "No connection"), failure(error, () => this.enter()));
      }
      return;
    }
    setText(document.getElementById("node-name"), this.node.name ?? "nfv node");
    document.getElementById("leave").hidden = false;
    this.#navigation();
    this.#follow();
    this.route();
  }

  async loadChains() {
    const chains = await list("/v1/chains");
    for (const name of this.chains.keys()) if (!chains.some((chain) => chain.name === name)) this.live.forget(name);
    this.chains = new Map(chains.map((chain) => [chain.name, chain]));
  }

  #follow() {
    this.#streams.forEach((stream) => stream.close());
    this.#streams = [
      follow("/v1/events", (type, event) => this.#event(type, event), (state, seconds) => this.#connection("events", state, seconds), this.#last),
      follow("/v1/statistics?interval=1000", (_, statistics) => this.live.update(statistics), (state, seconds) => this.#connection("statistics", state, seconds)),
    ];
  }

  #event(type, event) {
    this.events.unshift(event);
    this.events.length = Math.min(this.events.length, KEPT_EVENTS);
    this.#listeners.forEach((listener) => listener(event));
    if (type === "operation" || this.#refresh) return;
    // Events come in groups, and the list of chains is asked for once for all of a group.
    this.#refresh = setTimeout(async () => {
      this.#refresh = 0;
      try {
        await this.loadChains();
        this.#view?.chainsChanged?.();
      } catch {
        // The streams tell whether there is a connection.
      }
    }, REFRESH_MILLIS);
  }

  #connection(stream, state, seconds) {
    const before = Object.values(this.#connections).every((one) => one === "live");
    this.#connections[stream] = state;
    const states = Object.values(this.#connections);
    const worst = states.includes("refused") ? "refused" : states.includes("waiting") ? "waiting" : "live";
    const text = { live: "live", refused: "signed out", waiting: seconds ? "reconnecting" : "connecting" }[worst];
    const element = document.getElementById("connection");
    setAttribute(element, "data-state", worst);
    setText(element.lastElementChild, text);
    this.#interruption(worst);
    if (worst === "live" && !before) this.#event("connected", { id: 0, time: new Date().toISOString(), type: "connected", message: "The dashboard follows this node." });
  }

  /** While nothing comes from the node, what is shown is how things were. */
  #interruption(state) {
    if (state === "live") this.#followed = true;
    const interrupted = state === "waiting" && this.#followed;
    const element = document.getElementById("interruption");
    if (element.hidden && interrupted) {
      setText(element, `The node cannot be reached. What is shown is how it was at ${new Date().toLocaleTimeString([], { hour12: false })}; the page goes on as soon as the node answers.`);
    }
    element.hidden = !interrupted;
  }

  #signIn(message) {
    this.#followed = false;
    this.#streams.forEach((stream) => stream.close());
    this.#streams = [];
    session.close();
    this.#show(null);
    this.#connection("events", "refused");
    document.getElementById("leave").hidden = true;
    replace(document.getElementById("navigation"));
    replace(document.getElementById("main"));
    document.querySelector("dialog.sign-in")?.remove();
    const input = h("input", { id: "token", type: "password", autocomplete: "off", spellcheck: "false", required: true, "aria-describedby": "token-hint" });
    const element = h(
      "dialog",
      { class: "sign-in", "aria-labelledby": "sign-in-title" },
      h(
        "form",
        {
          method: "dialog",
          onsubmit: (event) => {
            event.preventDefault();
            session.open(input.value.trim());
            element.close("done");
            element.remove();
            this.enter();
          },
        },
        h("h1", { id: "sign-in-title" }, "Sign in to this node"),
        h("label", { for: "token" }, "Token"),
        input,
        h("p", { class: "hint", id: "token-hint" }, "A token of the node’s token file, or a JWT. This tab forgets it when it is closed."),
        message ? h("p", { class: "note bad", role: "alert" }, message) : null,
        h("div", { class: "actions" }, h("button", { class: "primary" }, "Sign in")),
      ),
    );
    element.addEventListener("cancel", (event) => event.preventDefault());
    document.body.append(element);
    element.showModal();
    input.focus();
  }

  #theme() {
    const element = document.getElementById("theme");
    const dark = () => document.documentElement.dataset.theme
      ? document.documentElement.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    const show = () => {
      const text = dark() ? "Light colours" : "Dark colours";
      setAttribute(element, "aria-label", text);
      setAttribute(element, "title", text);
      replace(element, icon(dark() ? ICONS.sun : ICONS.moon));
    };
    const kept = localStorage.getItem("nfv-theme");
    if (kept) document.documentElement.dataset.theme = kept;
    element.addEventListener("click", () => {
      const theme = dark() ? "light" : "dark";
      document.documentElement.dataset.theme = theme;
      localStorage.setItem("nfv-theme", theme);
      show();
      this.#view?.update?.();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
    show();
  }

  #navigation() {
    const entries = [["chains", "Chains", ICONS.chains], ["events", "Events", ICONS.events], ["node", "Node", ICONS.node]];
    replace(
      document.getElementById("navigation"),
      entries.map(([key, text, path]) => h("a", { href: `#/${key}`, "data-route": key }, icon(path), h("span", {}, text))),
    );
  }

  /** Shows what the address names. */
  route() {
    if (!session.token()) return;
    if (location.hash === "#main") {
      document.getElementById("main").focus();
      history.replaceState(null, "", this.address ?? "#/chains");
      return;
    }
    this.address = location.hash || "#/chains";
    const parts = this.address.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
    const [page, name, kind, part] = parts;
    for (const link of document.querySelectorAll("#navigation a")) {
      setAttribute(link, "aria-current", link.dataset.route === (!page || page === "new" ? "chains" : page) ? "page" : null);
    }
    if (page === "chains" && name && kind !== "descriptor") {
      if (this.#view instanceof ChainView && this.#view.name === name) this.#view.select(kind, part);
      else this.#show(new ChainView(this, name, kind, part));
    } else if (page === "chains" && name) this.#show(new EditorView(this, name));
    else if (page === "new") this.#show(new EditorView(this, null));
    else if (page === "events") this.#show(new EventsView(this));
    else if (page === "node") this.#show(new NodeView(this));
    else this.#show(new OverviewView(this));
  }

  #show(view) {
    this.#view?.close?.();
    this.#view = view;
    if (!view) return;
    document.title = `${view.title} · ${this.node.name ?? "nfv node"}`;
    const main = document.getElementById("main");
    replace(main, view.element);
    view.shown?.();
    view.update?.();
    if (document.activeElement === document.body) main.querySelector("h1")?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  go(hash) {
    location.hash = hash;
  }
}

new App().start();
