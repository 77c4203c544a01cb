// The bot's command menu: what it set by setMyCommands, completed as soon as a slash is typed.

import { el } from "./dom.js";
import { count } from "./format.js";
import { announce } from "./notices.js";
import { Options } from "./options.js";

export class Commands {
  #offered = [];
  #suffix = ""; // in a group, commands name the bot they are for

  /** `act` is called with a command that was chosen. */
  constructor(field, act) {
    this.field = field;
    this.act = act;
    this.options = new Options(field, { id: "commands", label: "Commands" });
  }

  offer(commands, suffix) {
    this.#offered = commands;
    this.#suffix = suffix;
  }

  /** Show what begins with what is written. */
  complete() {
    const written = /^\/([a-z0-9_]*)$/i.exec(this.field.value)?.[1];
    const shown =
      written === undefined ? [] : this.#offered.filter((each) => each.command.startsWith(written.toLowerCase()));
    if (shown.length === 0) return this.options.close();
    this.options.show(shown.map((command) => this.#option(command)));
    return announce(`${count(shown.length, "command", "commands")}, with the arrow keys`);
  }

  #option({ command, description }) {
    const words = `/${command}${this.#suffix}`;
    return {
      nodes: [el("b", {}, `/${command}`), el("span", {}, description)],
      act: () => {
        this.options.close();
        this.act(words);
      },
      complete: () => {
        this.field.value = `${words} `;
        this.field.dispatchEvent(new Event("input"));
      },
    };
  }
}
