// Where one writes. It also is the Start button of a chat not begun, and the bar of messages that were chosen.

import { Commands } from "./commands.js";
import * as control from "./control.js";
import { byId, el, icon, iconButton } from "./dom.js";
import { count } from "./format.js";
import { Inline } from "./inline.js";
import { offerStart } from "./links.js";
import { openMenu } from "./menus.js";
import { summary } from "./message.js";
import { attempt } from "./notices.js";
import { store } from "./store.js";
import { Tray } from "./tray.js";

export class Composer {
  #drafts = new Map(); // "person/chat" → text
  #answering = null; // the message replied to
  #isAsked = false; // whether the bot asked for the reply
  #dismissed = new Set(); // questions that were waved away
  #startPayload = null;
  #kind = "";

  constructor({ chosen, chooseDone, forward }) {
    Object.assign(this, { chosen, chooseDone, forward });
    this.box = byId("composer");
    this.field = el("textarea", {
      id: "field",
      class: "field",
      rows: "1",
      "aria-label": "Message",
      "aria-autocomplete": "list",
      autocomplete: "off",
      maxlength: "4096",
    });
    this.commands = new Commands(this.field, (command) => this.#send(command));
    this.inline = new Inline(this.field, {
      pick: (search, result) => this.#pick(search, result),
      start: offerStart,
      onchange: () => this.#refreshSend(),
    });
    this.tray = new Tray({ onchange: () => this.#refreshSend(), field: this.field });
    this.sendButton = iconButton("send", "Send", null, "send");
    this.sendButton.type = "submit";
    this.attachButton = iconButton("clip", "Attach", () => this.#openAttach());
    this.attachButton.setAttribute("aria-haspopup", "menu");
    this.slashButton = iconButton("slash", "Commands", () => this.#openCommands());
    this.above = el("div", { class: "above", hidden: true });
    this.form = el(
      "form",
      {},
      this.attachButton,
      this.slashButton,
      el("div", { class: "field-box" }, this.field),
      this.sendButton,
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(this.field.value);
    });
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    store.on("start-offered", (payload) => this.#offerStart(payload));
    store.on("paste", (text) => this.#paste(text));
  }

  /** Another chat was opened. */
  open() {
    this.#kind = "";
    this.#answering = null;
    this.#isAsked = false;
    this.#startPayload = null;
    this.inline.close();
    this.tray.open(this.#place);
    this.refresh();
    this.#write(this.#drafts.get(this.#place) ?? "");
  }

  /** Something about the chat has changed: whether it has begun, what is chosen, what is asked. */
  refresh() {
    const chat = store.chat;
    const kind = this.#wantedKind(chat);
    if (kind === "choosing" || kind !== this.#kind) this.#show(kind);
    this.#kind = kind;
    if (kind === "field") this.#lookForQuestion();
    this.commands.offer(chat.commands[store.person] ?? [], store.commandSuffix);
    this.slashButton.hidden = !(chat.commands[store.person] ?? []).length;
  }

  replyTo(message) {
    this.#answering = message;
    this.#isAsked = false;
    this.#showAnswering();
    this.field.focus();
  }

  get #place() {
    return `${store.person}/${store.chatId}`;
  }

  #wantedKind(chat) {
    if (this.chosen.size > 0) return "choosing";
    if (chat.kind === "channel") return "channel";
    if (chat.kind === "bot" && (!chat.started || this.#startPayload !== null)) return "start";
    return "field";
  }

  #show(kind) {
    const hadFocus = this.box.contains(document.activeElement);
    const inner = el("div", { class: "composer-inner" }, ...this.#parts(kind));
    this.box.replaceChildren(inner);
    if (kind === "field") this.#showAnswering();
    if (hadFocus) (inner.querySelector("textarea") ?? inner.querySelector(".big, .primary"))?.focus();
  }

  #parts(kind) {
    switch (kind) {
      case "start":
        return [el("button", { type: "button", class: "big", onclick: () => this.#start() }, "Start")];
      case "channel":
        return [el("p", { class: "read-only" }, "Choose posts with ⋯ to forward them to the bot.")];
      case "choosing":
        return [this.#choosingBar()];
      default:
        return [this.commands.options.list, this.inline.options.list, this.above, this.tray.element, this.form];
    }
  }

  // --- the Start button

  #start() {
    const text = this.#startPayload ? `/start ${this.#startPayload}` : "/start";
    this.#startPayload = null;
    attempt(() => control.say(store.person, store.chatId, { text })).then(() => {
      this.refresh();
      this.field.focus();
    });
  }

  #offerStart(payload) {
    this.#startPayload = payload;
    this.refresh();
    this.box.querySelector("button")?.focus();
  }

  // --- messages that were chosen

  #choosingBar() {
    const chat = store.chat;
    const chosen = [...this.chosen].sort((a, b) => a - b);
    const mayDelete = chosen.every(
      (id) => chat.kind === "bot" || store.messagesOf(chat.id).get(id)?.sender.id === store.person,
    );
    const removeAll = async () => {
      this.chooseDone();
      for (const id of chosen) await attempt(() => control.remove(store.person, chat.id, id));
    };
    return el(
      "div",
      { class: "choosing-bar" },
      iconButton("close", "Choose none", () => this.chooseDone()),
      el("p", { role: "status" }, `${chosen.length} chosen`),
      chat.kind !== "channel" && mayDelete
        ? el("button", { type: "button", class: "button danger", onclick: removeAll }, icon("trash"), "Delete")
        : null,
      el(
        "button",
        { type: "button", class: "button primary", onclick: () => this.forward(chosen) },
        icon("forward"),
        `Forward ${count(chosen.length, "message", "messages")}`,
      ),
    );
  }

  // --- replies

  /** The newest message of the bot may ask for an answer, as ForceReply does. */
  #lookForQuestion() {
    const messages = [...store.messagesOf(store.chatId).values()];
    const asked = messages.findLast((each) => each.bot || each.sender.id === store.person);
    const question = asked?.force_reply && !this.#dismissed.has(`${asked.chat}/${asked.id}`) ? asked : null;
    if (question && this.#answering?.id !== question.id) {
      this.#answering = question;
      this.#isAsked = true;
    } else if (!question && this.#isAsked) {
      this.#answering = null;
      this.#isAsked = false;
    }
    if (this.#answering && !store.messagesOf(store.chatId).has(this.#answering.id)) this.#answering = null;
    this.#showAnswering();
  }

  #showAnswering() {
    const message = this.#answering;
    this.field.placeholder = (this.#isAsked && message?.force_reply.input_field_placeholder) || "Message";
    this.above.hidden = !message;
    if (!message) return this.above.replaceChildren();
    return this.above.replaceChildren(
      icon("reply"),
      el(
        "div",
        { class: "above-text" },
        el("b", {}, `Reply to ${message.sender.name}`),
        el("span", {}, summary(message)),
      ),
      iconButton("close", "Do not reply", () => this.#dismiss(), "small"),
    );
  }

  #dismiss() {
    if (this.#isAsked) this.#dismissed.add(`${this.#answering.chat}/${this.#answering.id}`);
    this.#answering = null;
    this.#isAsked = false;
    this.#showAnswering();
    this.field.focus();
  }

  // --- writing

  #typed() {
    this.#drafts.set(this.#place, this.field.value);
    this.field.style.height = "auto";
    this.field.style.height = `${Math.max(40, this.field.scrollHeight)}px`;
    this.commands.complete();
    this.inline.complete();
    this.#refreshSend();
  }

  #refreshSend() {
    const isEmpty = !this.field.value.trim() && this.tray.isEmpty;
    this.sendButton.disabled = this.tray.isBusy || this.inline.isActive || isEmpty;
  }

  #key(event) {
    if (this.commands.options.key(event) || this.inline.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#send(this.field.value);
    } else if (event.key === "Escape" && this.#answering) {
      this.#dismiss();
    }
  }

  async #send(text) {
    if (this.tray.isBusy || this.inline.isActive || (!text.trim() && this.tray.isEmpty)) return;
    const [person, chat, place] = [store.person, store.chatId, this.#place];
    const sent = await this.#deliver(text, async (reply_to) => {
      const files = await this.tray.upload();
      return control.say(person, chat, { text, ...files, reply_to });
    });
    if (sent) this.tray.clear(place);
  }

  #pick(search, result) {
    const { person, chatId } = store;
    this.#deliver(this.field.value, (reply_to) => control.pick(person, chatId, { search, result, reply_to }));
  }

  /** Empty the field at once, for what is typed next is another message. What could not be sent comes back. */
  async #deliver(text, send) {
    const place = this.#place;
    const answering = this.#answering;
    this.#answering = null;
    this.#isAsked = false;
    this.#write("");
    this.#showAnswering();
    const sent = await attempt(() => send(answering?.id ?? null));
    if (!sent && place === this.#place && !this.field.value) this.#write(text);
    this.refresh();
    return sent;
  }

  #write(text) {
    this.field.value = text;
    this.#typed();
  }

  #paste(text) {
    if (this.#kind === "start")
      return attempt(() => control.say(store.person, store.chatId, { text: "/start" })).then(() => this.#fill(text));
    return this.#fill(text);
  }

  #fill(text) {
    this.refresh();
    this.#write(text);
    this.field.focus();
  }

  #openCommands() {
    this.#write(this.field.value.startsWith("/") ? this.field.value : "/");
    this.field.focus();
  }

  #openAttach() {
    const send = (name) =>
      attempt(() => control.say(store.person, store.chatId, { sample: name, reply_to: this.#answering?.id ?? null }));
    const icons = { photo: "photo", document: "file", album: "file", film: "film" };
    openMenu(this.attachButton, [
      { icon: "clip", text: "Choose files…", act: () => this.tray.choose() },
      "-",
      { head: "Nothing at hand? Send a sample" },
      ...store.samples.map((sample) => ({
        icon: icons[sample.name] ?? "file",
        text: sample.what,
        act: () => send(sample.name),
      })),
    ]);
  }
}
