// What is offered above the message field while one writes. Keys move through it from the field, which keeps the focus.

import { el } from "./dom.js";

export class Options {
  #shown = []; // {entry, act, complete}
  #at = -1; // -1: none is marked

  constructor(field, { id, label, look = "" }) {
    this.field = field;
    this.list = el("ul", { id, class: `options scroll ${look}`, role: "listbox", "aria-label": label, hidden: true });
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    field.addEventListener("blur", () => setTimeout(() => document.activeElement !== field && this.close(), 120));
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** Offer these instead of what was: `{nodes, look, act, complete}`, of which `complete` is what Tab does. */
  show(options, marked = 0) {
    this.#shown = [];
    this.#at = marked;
    this.list.replaceChildren();
    this.list.scrollTop = 0;
    this.list.hidden = options.length === 0;
    this.field.setAttribute("aria-controls", this.list.id);
    this.add(options);
  }

  add(options) {
    for (const { nodes, look, act, complete } of options) {
      const properties = { role: "option", id: `${this.list.id}-${this.#shown.length}`, class: look, onclick: act };
      this.#shown.push({ entry: el("li", properties, ...nodes), act, complete });
    }
    this.list.append(...this.#shown.slice(this.list.children.length).map((each) => each.entry));
    this.#mark();
  }

  /** Take a key that moves, chooses or closes; says whether it was one. */
  key(event) {
    if (!this.isOpen || event.isComposing) return false;
    const marked = this.#shown[this.#at];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#step(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter" && !event.shiftKey && marked) marked.act();
    else if (event.key === "Tab" && !event.shiftKey && marked?.complete) marked.complete();
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }

  close() {
    if (!this.isOpen) return;
    this.list.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
  }

  #step(step) {
    const from = this.#at < 0 && step < 0 ? 0 : this.#at;
    this.#at = (from + step + this.#shown.length) % this.#shown.length;
    this.#mark();
    this.#shown[this.#at].entry.scrollIntoView({ block: "nearest" });
  }

  #mark() {
    if (!this.isOpen) return;
    this.#shown.forEach(({ entry }, index) => entry.setAttribute("aria-selected", String(index === this.#at)));
    const marked = this.#shown[this.#at];
    if (marked) this.field.setAttribute("aria-activedescendant", marked.entry.id);
    else this.field.removeAttribute("aria-activedescendant");
  }
}
