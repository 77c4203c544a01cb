// Inline mode: `@bot words` asks the bot while one types, and what is picked of its answer is posted by oneself.

import * as control from "./control.js";
import { el, icon } from "./dom.js";
import { count } from "./format.js";
import { announce, attempt } from "./notices.js";
import { Options } from "./options.js";
import { store } from "./store.js";

const PAUSE_MS = 300; // without a letter: about as long clients wait, so that not each one is asked for
const NEAR_END = 120; // pixels from the end of the list at which more is asked for
const LONGEST = 256; // characters, as the Bot API says

/** What calls the bot, as one would type it. */
export const call = (words) => `@${store.bot.username} ${words}`;

export class Inline {
  #asked = null; // the words to which the list is the answer
  #more = ""; // the offset of what follows on the list
  #dismissed = null; // a text that is to be no search, for Escape was pressed
  #asking = null; // aborts what is on its way
  #timer = null;

  /** `pick` is called with a search and one of its results, `start` with the argument of the button above them. */
  constructor(field, { pick, start, onchange }) {
    Object.assign(this, { field, pick, start, onchange });
    this.options = new Options(field, { id: "results", label: "Found by the bot", look: "results" });
    this.options.list.addEventListener("scroll", () => this.#lookFurther(), { passive: true });
    field.addEventListener("focus", () => this.complete());
  }

  /** Whether what is written is for the bot, and no message. */
  get isActive() {
    return this.#words !== undefined && this.field.value !== this.#dismissed;
  }

  /** The text has changed: ask for it, after a pause. */
  complete() {
    clearTimeout(this.#timer);
    if (this.field.value !== this.#dismissed) this.#dismissed = null;
    if (this.isActive) {
      const words = this.#words;
      const isShown = words === this.#asked && this.options.isOpen;
      if (isShown || document.activeElement !== this.field) return;
      this.#timer = setTimeout(() => this.#ask(words), PAUSE_MS);
      return;
    }
    this.close();
    this.#completeName();
  }

  /** Take a key that moves, picks or closes; says whether it was one. */
  key(event) {
    if (event.key !== "Escape" || !this.isActive) return this.options.key(event);
    event.preventDefault();
    this.#dismissed = this.field.value;
    this.close();
    this.onchange();
    return true;
  }

  close() {
    clearTimeout(this.#timer);
    this.#stop();
    this.#asked = null;
    this.options.close();
  }

  get #words() {
    const [, name, words] = /^@(\w+)\s([^]*)$/.exec(this.field.value) ?? [];
    const isCalled = store.bot.inline && name?.toLowerCase() === store.bot.username.toLowerCase();
    return isCalled && words.length <= LONGEST ? words : undefined;
  }

  /** A name so long is typed by nobody. */
  #completeName() {
    const { inline, username, first_name: name } = store.bot;
    const written = /^@\w*$/.exec(this.field.value)?.[0].toLowerCase();
    if (!inline || !written || !`@${username}`.toLowerCase().startsWith(written)) return;
    const complete = () => {
      this.field.value = call("");
      this.field.dispatchEvent(new Event("input"));
    };
    this.options.show([{ nodes: [el("b", {}, `@${username}`), el("span", {}, name)], act: complete, complete }]);
  }

  async #ask(words, offset = "") {
    this.#stop();
    const asking = new AbortController();
    this.#asking = asking;
    this.#showBusy();
    const { person, chatId } = store;
    const told = await attempt(() => control.ask(person, chatId, { text: words, offset }, asking.signal));
    if (this.#asking !== asking) return; // another text was typed meanwhile
    this.#stop();
    if (document.activeElement !== this.field) return;
    if (offset) this.#append(told);
    else this.#show(words, told);
    this.#lookFurther();
  }

  /** A bot that does not answer has found nothing, as in Telegram's clients. */
  #show(words, told) {
    const { results = [], button = null, next_offset: more = "" } = told?.answer ?? {};
    this.#asked = words;
    this.#more = more;
    const above = button?.start_parameter === undefined ? [] : [this.#button(button)];
    const found = results.map((result) => this.#result(told.search, result));
    if (above.length + found.length === 0) return this.options.close();
    this.options.show([...above, ...found], found.length ? above.length : -1);
    return announce(`${count(results.length, "result", "results")}${more ? " and more" : ""}, with the arrow keys`);
  }

  #append(told) {
    this.#more = told?.answer?.next_offset ?? "";
    this.options.add((told?.answer?.results ?? []).map((result) => this.#result(told.search, result)));
  }

  #lookFurther() {
    const { scrollTop, scrollHeight, clientHeight } = this.options.list;
    const isNearEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (this.options.isOpen && this.#more && isNearEnd && !this.#asking) this.#ask(this.#asked, this.#more);
  }

  #button({ text, start_parameter: parameter }) {
    const act = () => {
      this.close();
      this.start(parameter);
    };
    return { nodes: [text, icon("bot")], look: "above-results", act };
  }

  #result(search, { id, title, description }) {
    return {
      nodes: [
        el("span", { class: "result-icon" }, icon("file")),
        el("span", { class: "result-text" }, el("b", {}, title), el("span", {}, description)),
      ],
      look: "result",
      act: () => {
        this.close();
        this.pick(search, id);
      },
    };
  }

  #stop() {
    this.#asking?.abort();
    this.#asking = null;
    this.#showBusy();
  }

  #showBusy() {
    this.field.parentElement?.classList.toggle("asking", this.#asking !== null);
  }
}
