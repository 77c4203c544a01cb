// The bot's command menu: what it set by setMyCommands, completed as soon as a slash is typed.

import { el } from "./dom.js";
import { count } from "./format.js";
import { announce } from "./notices.js";

export class Commands {
  #offered = [];
  #suffix = ""; // in a group, commands name the bot they are for
  #shown = [];
  #at = 0;

  /** `act` is called with a command that was chosen. */
  constructor(field, act) {
    this.field = field;
    this.act = act;
    this.list = el("ul", {
      id: "commands",
      class: "commands scroll",
      role: "listbox",
      "aria-label": "Commands",
      hidden: true,
    });
    field.addEventListener("blur", () => setTimeout(() => document.activeElement !== field && this.#close(), 120));
  }

  offer(commands, suffix) {
    this.#offered = commands;
    this.#suffix = suffix;
  }

  /** Show what begins with what is written. */
  complete() {
    const written = /^\/([a-z0-9_]*)$/i.exec(this.field.value)?.[1];
    this.#shown =
      written === undefined ? [] : this.#offered.filter((each) => each.command.startsWith(written.toLowerCase()));
    this.#at = 0;
    if (this.#shown.length === 0) return this.#close();
    this.list.replaceChildren(...this.#shown.map((command, index) => this.#entry(command, index)));
    this.list.hidden = false;
    announce(`${count(this.#shown.length, "command", "commands")}, with the arrow keys`);
    return this.#mark();
  }

  /** Take a key that moves, chooses or closes; says whether it was one. */
  key(event) {
    if (this.list.hidden) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.#at = (this.#at + step + this.#shown.length) % this.#shown.length;
      this.#mark();
    } else if (event.key === "Enter") {
      this.#choose(this.#shown[this.#at]);
    } else if (event.key === "Tab" && !event.shiftKey) {
      this.field.value = `/${this.#shown[this.#at].command}${this.#suffix} `;
      this.field.dispatchEvent(new Event("input"));
    } else if (event.key === "Escape") {
      this.#close();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  #entry(command, index) {
    const entry = el(
      "li",
      { role: "option", id: `command-${index}` },
      el("b", {}, `/${command.command}`),
      el("span", {}, command.description),
    );
    entry.addEventListener("mousedown", (event) => event.preventDefault());
    entry.addEventListener("click", () => this.#choose(command));
    return entry;
  }

  #choose(command) {
    this.#close();
    this.act(`/${command.command}${this.#suffix}`);
  }

  #mark() {
    [...this.list.children].forEach((entry, index) => entry.setAttribute("aria-selected", String(index === this.#at)));
    this.field.setAttribute("aria-activedescendant", `command-${this.#at}`);
    this.list.children[this.#at].scrollIntoView({ block: "nearest" });
  }

  #close() {
    this.list.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
  }
}
