// The open chat: its head, its messages in order, what is unread, and choosing several.

import { avatar } from "./avatars.js";
import { chooseChat } from "./chooser.js";
import { Composer } from "./composer.js";
import * as control from "./control.js";
import { arrange, byId, el, refill } from "./dom.js";
import { count, day, sameDay } from "./format.js";
import { Row } from "./message.js";
import { attempt } from "./notices.js";
import { store } from "./store.js";

const NEAR_END = 90; // pixels from the end that count as being there
const ONE_BREATH = 300; // seconds within which one's messages stand close together
const LEAVING_MS = 240;

export class Conversation {
  #rows = new Map(); // message id → Row
  #lines = new Map(); // what else stands between them, by its text
  #chosen = new Set();
  #isAtEnd = true; // and follows it, until somebody scrolls up
  #lastTop = 0;

  constructor() {
    this.wall = byId("wall");
    this.list = byId("messages");
    this.composer = new Composer({
      chooseDone: () => this.#chooseNone(),
      chosen: this.#chosen,
      forward: (ids) => this.forward(ids),
    });
    this.wall.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    byId("to-end").addEventListener("click", () => this.#toEnd("smooth"));
    const followed = new ResizeObserver(() => this.#isAtEnd && this.#toEnd());
    for (const each of [this.list, this.wall]) followed.observe(each);
    document.addEventListener("visibilitychange", () => this.#markRead());
    store.on("begin look", () => this.#open());
    store.on("message", ({ message, isNew }) => message.chat === store.chatId && this.#changed(message, isNew));
    store.on("gone", (gone) => gone.chat === store.chatId && this.#remove(gone.id));
    store.on("chat", (chat) => chat.id === store.chatId && this.#refresh());
    store.on("process weather", () => this.#head());
    store.on("part", () => this.#shown());
    setInterval(() => this.#head(), 1000);
  }

  #open() {
    this.#rows.clear();
    this.#lines.clear();
    this.#chosen.clear();
    this.list.classList.remove("choosing");
    this.list.replaceChildren();
    this.wall.setAttribute("aria-label", `Messages with ${store.chat.title}`);
    this.composer.open();
    this.#refresh();
    const unread = store.unread(store.person, store.chatId);
    this.#toEnd();
    if (unread.length > 0) {
      this.#lines.get("unread")?.scrollIntoView({ block: "start" });
      this.#isAtEnd = this.#isNearEnd;
    }
    this.#scrolled();
    this.#markRead();
  }

  #refresh() {
    this.#head();
    this.#layOut();
    this.#fillEmpty();
    this.composer.refresh();
  }

  /** Whether a person sees this chat now. */
  get #isSeen() {
    return store.part === "chat" && document.visibilityState === "visible";
  }

  #changed(message, isNew) {
    const wasAtEnd = this.#isAtEnd;
    const isMine = message.sender.id === store.person;
    if (isNew && isMine) store.noteUnseen();
    else if (isNew && !(this.#isSeen && wasAtEnd)) store.noteUnseen(message.id);
    const row = this.#rows.get(message.id);
    if (row) row.update(message);
    else this.#layOut();
    if (isNew) {
      this.#rows.get(message.id).element.classList.add("new");
      this.#fillEmpty();
      this.composer.refresh();
    }
    if (wasAtEnd || (isNew && isMine)) this.#toEnd();
    this.#markRead();
  }

  #remove(id) {
    const row = this.#rows.get(id);
    if (!row) return;
    const hadFocus = row.element.contains(document.activeElement);
    row.element.classList.add("leaving");
    setTimeout(
      () => {
        if (this.#rows.get(id) !== row) return; // another chat was opened meanwhile
        this.#rows.delete(id);
        this.#chosen.delete(id);
        for (const each of this.#rows.values()) if (each.message.reply_to === id) each.update(each.message);
        this.#layOut();
        this.#fillEmpty();
        this.composer.refresh();
        if (hadFocus) this.wall.focus();
      },
      matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : LEAVING_MS,
    );
  }

  // --- the head

  #head() {
    const chat = store.chat;
    if (!chat) return;
    const acting = store.acting(chat);
    const subtitle = {
      bot: "bot",
      group: `${chat.members.join(", ")} and ${store.bot.first_name}`,
      channel: "channel, to forward from",
    }[chat.kind];
    const chips = weatherChips(store.weather);
    const isDown = ["stopped", "killed", "broken"].includes(store.process.condition);
    refill(byId("talk-head"), [chat.title, chat.kind, subtitle, acting, chips, isDown], () => [
      avatar(chat),
      el(
        "div",
        { class: "talk-title" },
        el("h2", {}, chat.title),
        el("p", { class: acting ? "acting" : "" }, acting || subtitle),
      ),
      el(
        "div",
        { class: "chips" },
        isDown
          ? el(
              "button",
              {
                type: "button",
                class: "chip bad",
                title: "What is sent waits until it is started",
                onclick: () => showWeather(),
              },
              "Bot not running",
            )
          : null,
        ...chips.map((words) =>
          el("button", { type: "button", class: "chip", title: "Weather", onclick: () => showWeather() }, words),
        ),
      ),
    ]);
  }

  // --- the messages

  #layOut() {
    const messages = [...store.messagesOf(store.chatId).values()];
    const nodes = [];
    let before = null;
    let isDivided = false;
    for (const message of messages) {
      if (!before || !sameDay(before.date, message.date))
        nodes.push(this.#line(`day ${day(message.date)}`, "divider", day(message.date)));
      if (!isDivided && store.firstUnread !== undefined && message.id >= store.firstUnread) {
        isDivided = true;
        nodes.push(this.#line("unread", "divider unread", "Unread messages"));
      }
      const isFirst = !before || before.sender.id !== message.sender.id || message.date - before.date > ONE_BREATH;
      const row = this.#row(message);
      row.element.classList.toggle("first", isFirst);
      if (message.album && message.album === before?.album) nodes.at(-1).push(row.element);
      else nodes.push(message.album ? [row.element] : this.#item(row.element));
      before = message;
    }
    arrange(
      this.list,
      nodes.map((node) => (Array.isArray(node) ? this.#album(node) : node)),
    );
  }

  #row(message) {
    if (!this.#rows.has(message.id)) this.#rows.set(message.id, new Row(message, this.#acts));
    return this.#rows.get(message.id);
  }

  #line(name, className, words) {
    if (!this.#lines.has(name)) this.#lines.set(name, el("li", { class: className }, words));
    return this.#lines.get(name);
  }

  #item(element) {
    return element.parentElement?.tagName === "LI" && !element.parentElement.classList.contains("album")
      ? element.parentElement
      : el("li", {}, element);
  }

  #album(elements) {
    const held = elements[0].parentElement;
    const item = held?.classList.contains("album") ? held : el("li", { class: "album" });
    arrange(item, elements);
    item.classList.toggle(
      "pictures",
      elements.every((each) => each.querySelector(".bare")),
    );
    item.classList.toggle("mine", elements[0].classList.contains("mine"));
    return item;
  }

  #fillEmpty() {
    const chat = store.chat;
    const isEmpty = store.messagesOf(chat.id).size === 0;
    byId("empty").hidden = !isEmpty;
    if (!isEmpty) return;
    refill(byId("empty"), [chat.id, chat.introduction], () => [
      avatar(chat),
      el(
        "div",
        { class: "empty-card" },
        el("h3", {}, chat.kind === "bot" ? "What can this bot do?" : "Nothing here yet"),
        el(
          "p",
          {},
          chat.introduction ||
            "Commands work here too, and a file that replies to the bot. Neither sees what is the other’s.",
        ),
      ),
    ]);
  }

  // --- scrolling and reading

  get #isNearEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.wall;
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  #scrolled() {
    // What grows moves the end away and nobody up.
    const { scrollTop } = this.wall;
    if (this.#isNearEnd) this.#isAtEnd = true;
    else if (scrollTop < this.#lastTop) this.#isAtEnd = false;
    this.#lastTop = scrollTop;
    byId("to-end").hidden = this.#isAtEnd;
    if (this.#isAtEnd) this.#markRead();
    this.#countBelow();
  }

  #toEnd(behavior = "instant") {
    this.wall.scrollTo({ top: this.wall.scrollHeight, behavior });
    this.#isAtEnd = true;
    byId("to-end").hidden = true;
  }

  #shown() {
    if (store.part !== "chat") return;
    if (this.#isAtEnd) this.#toEnd();
    this.#markRead();
    this.#head();
  }

  #markRead() {
    if (this.#isSeen && this.#isAtEnd && store.chat) store.read();
    this.#countBelow();
  }

  #countBelow() {
    const below = store.chat ? store.unread(store.person, store.chatId).length : 0;
    const badge = byId("to-end").querySelector(".badge");
    badge.hidden = below === 0;
    badge.textContent = below;
  }

  // --- what is done with messages

  #acts = {
    reply: (message) => this.composer.replyTo(message),
    forward: (ids) => this.forward(ids),
    choose: (id, isChosen) => this.#choose(id, isChosen),
    show: (id) => this.#rows.get(id)?.flash(),
    command: (words) =>
      attempt(() =>
        control.say(store.person, store.chatId, { text: words.includes("@") ? words : words + store.commandSuffix }),
      ),
  };

  #choose(id, isChosen) {
    if (isChosen) this.#chosen.add(id);
    else this.#chosen.delete(id);
    this.list.classList.toggle("choosing", this.#chosen.size > 0);
    for (const [number, row] of this.#rows) row.pick.checked = this.#chosen.has(number);
    this.composer.refresh();
  }

  #chooseNone() {
    this.#chosen.clear();
    this.#choose(null, false);
  }

  forward(ids) {
    const { person, chatId: from } = store;
    chooseChat(`Forward ${count(ids.length, "message", "messages")} to`, async (chat) => {
      this.#chooseNone();
      const sent = await attempt(() => control.forward(person, chat.id, from, ids));
      if (sent) store.look(person, chat.id, "chat");
    });
  }
}

/** What is unusual about the weather, in a few words each. */
export function weatherChips(weather) {
  const now = Date.now() / 1000;
  const left = (until) => `${Math.max(0, Math.ceil(until - now))} s`;
  return [
    weather.down ? "1fichier down" : null,
    weather.flood_until && weather.flood_until > now ? `Flood ${left(weather.flood_until)}` : null,
    weather.rest_until && weather.rest_until > now ? `429 for ${left(weather.rest_until)}` : null,
    weather.reports_held ? "Links held" : null,
    weather.bytes_per_second ? speed(weather.bytes_per_second) : null,
  ].filter(Boolean);
}

export const speed = (bytesPerSecond) =>
  bytesPerSecond >= 1_000_000 ? `${bytesPerSecond / 1_000_000} MB/s` : `${bytesPerSecond / 1000} kB/s`;

function showWeather() {
  store.show("weather");
  store.emit("show-weather");
}
