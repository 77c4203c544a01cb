// What the demo has told, who looks at it, and what has been read. Parts of the page listen for what concerns them.

import { follow } from "./control.js";

const NEAR_ENOUGH = 5; // seconds for which a chat action counts, as in Telegram's clients

class Store extends EventTarget {
  bot = {};
  domains = [];
  samples = [];
  urls = [];
  people = [];
  chats = new Map();
  messages = new Map(); // chat id → Map of message id → message, in order
  accounts = new Map();
  presses = new Map();
  weather = {};
  process = { condition: "lost" };

  person = null; // whose eyes these are
  #chosen = new Map(); // person id → chat id
  #read = new Map(); // "person/chat" → id of the last message read
  #firstUnread = new Map(); // "person/chat" → where the unread ones begin, kept while the chat is open
  #done = new Map(); // chat id → the action that a message has ended
  #part = "chat"; // what a phone shows
  #run = ""; // which demo this is

  start() {
    follow(
      (told) => this.#take(told),
      () => this.#lose(),
    );
  }

  on(kinds, listener) {
    for (const kind of kinds.split(" ")) this.addEventListener(kind, (event) => listener(event.detail));
  }

  emit(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  // --- who looks, and at what

  get chatId() {
    return this.#chosen.get(this.person);
  }

  get chat() {
    return this.chats.get(this.chatId);
  }

  /** What clients put behind a command: nothing in private, the bot's name in a group, where others may listen too. */
  get commandSuffix() {
    return this.chat.kind === "group" ? `@${this.bot.username}` : "";
  }

  get part() {
    return this.#part;
  }

  get account() {
    return this.accounts.get(this.person);
  }

  get me() {
    return this.people.find((each) => each.id === this.person);
  }

  name(person) {
    return this.people.find((each) => each.id === person)?.name ?? "";
  }

  chatsOf(person) {
    return this.people.find((each) => each.id === person)?.chats.map((id) => this.chats.get(id)) ?? [];
  }

  look(person, chat, part = this.#part) {
    const was = `${this.person}/${this.chatId}`;
    this.person = person;
    if (chat !== undefined) this.#chosen.set(person, chat);
    const partWas = this.#part;
    this.#part = part;
    if (was !== `${person}/${this.chatId}`) {
      this.#firstUnread.set(this.#key(person, this.chatId), this.unread(person, this.chatId)[0]?.id);
      location.replace(`#${this.name(person).toLowerCase()}/${this.chat.kind}`);
      this.emit("look");
    }
    if (partWas !== part) this.emit("part");
  }

  show(part) {
    this.look(this.person, undefined, part);
  }

  /** Where `#bo/group` in the address leads; without it, to the first person's private chat. */
  #lookWhereTheAddressSays() {
    const [name, kind] = location.hash.slice(1).split("/");
    const person = this.people.find((each) => each.name.toLowerCase() === name) ?? this.people[0];
    const chats = this.chatsOf(person.id);
    this.look(person.id, (chats.find((chat) => chat.kind === kind) ?? chats[0]).id);
  }

  // --- what has been read

  #key(person, chat) {
    return `${person}/${chat}`;
  }

  messagesOf(chat) {
    return this.messages.get(chat) ?? new Map();
  }

  lastOf(chat) {
    return [...this.messagesOf(chat).values()].at(-1);
  }

  unread(person, chat) {
    const read = this.#read.get(this.#key(person, chat)) ?? 0;
    return [...this.messagesOf(chat).values()].filter((each) => each.id > read && each.sender.id !== person);
  }

  unreadOf(person) {
    return this.chatsOf(person).reduce((sum, chat) => sum + this.unread(person, chat.id).length, 0);
  }

  /** The first message of the open chat that came while nobody saw it. */
  get firstUnread() {
    return this.#firstUnread.get(this.#key(this.person, this.chatId));
  }

  /** A message came into the open chat and nobody sees it (`id`), or its reader has gone on (none). */
  noteUnseen(id) {
    const key = this.#key(this.person, this.chatId);
    if (id === undefined) this.#firstUnread.delete(key);
    else if (this.#firstUnread.get(key) === undefined) this.#firstUnread.set(key, id);
  }

  read(person = this.person, chat = this.chatId) {
    const last = this.lastOf(chat)?.id ?? 0;
    if ((this.#read.get(this.#key(person, chat)) ?? 0) >= last) return;
    this.#read.set(this.#key(person, chat), last);
    this.emit("read", chat);
  }

  // --- what happens in chats

  /** What the other side is doing in a chat, in words; "" when it is doing nothing. */
  acting(chat) {
    if (!chat.action || Date.now() / 1000 - chat.action.at > NEAR_ENOUGH) return "";
    if (this.#done.get(chat.id) === chat.action.at) return "";
    const what = {
      typing: "typing",
      upload_document: "sending a file",
      upload_photo: "sending a photo",
      upload_video: "sending a film",
    };
    return `${what[chat.action.action] ?? "busy"}…`;
  }

  // --- news

  #take({ kind, value }) {
    if (kind === "state") return this.#begin(value);
    if (kind === "chat") this.chats.set(value.id, value);
    if (kind === "account") this.accounts.set(value.person, value);
    if (kind === "weather") this.weather = value;
    if (kind === "process") this.process = value;
    if (kind === "press") this.presses.set(value.id, value);
    if (kind === "gone") this.messagesOf(value.chat).delete(value.id);
    if (kind === "message") {
      const messages = this.messagesOf(value.chat);
      const isNew = !messages.has(value.id);
      messages.set(value.id, value);
      if (isNew && value.bot) this.#done.set(value.chat, this.chats.get(value.chat).action?.at);
      return this.emit("message", { message: value, isNew });
    }
    return this.emit(kind, value);
  }

  #begin(state) {
    const isFirst = this.person === null;
    // Another demo at the same address: nothing of this one holds any more.
    if (!isFirst && state.run !== this.#run) return location.reload();
    this.#run = state.run;
    Object.assign(this, { bot: state.bot, domains: state.domains, samples: state.samples, urls: state.urls });
    Object.assign(this, { people: state.people, weather: state.weather, process: state.process });
    this.chats = new Map(state.chats.map((chat) => [chat.id, chat]));
    this.messages = new Map(state.chats.map((chat) => [chat.id, new Map()]));
    for (const message of state.messages) this.messagesOf(message.chat).set(message.id, message);
    this.accounts = new Map(state.accounts.map((account) => [account.person, account]));
    this.presses = new Map(state.presses.map((press) => [press.id, press]));
    if (isFirst) {
      // What stood there before one came counts as read.
      for (const person of this.people) for (const chat of person.chats) this.read(person.id, chat);
      this.#lookWhereTheAddressSays();
      addEventListener("hashchange", () => this.#lookWhereTheAddressSays());
    }
    return this.emit("begin");
  }

  #lose() {
    this.process = { ...this.process, condition: "lost" };
    this.emit("process", this.process);
  }
}

export const store = new Store();
