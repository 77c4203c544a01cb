// Whose eyes these are, and their list of chats.

import { avatar, personAvatar } from "./avatars.js";
import { arrange, byId, el, hiddenText, refill } from "./dom.js";
import { when } from "./format.js";
import { summary } from "./message.js";
import { store } from "./store.js";

export function startChats() {
  const rows = new Map();
  const refresh = () => {
    if (store.person === null) return;
    people();
    list(rows);
    const unread = store.people.reduce((sum, person) => sum + store.unreadOf(person.id), 0);
    document.title = unread ? `(${unread}) onefichier-bot demo` : "onefichier-bot demo";
    const badge = document.querySelector(".views .badge");
    badge.hidden = unread === 0;
    badge.textContent = unread;
  };
  store.on("begin look chat message gone read", refresh);
  setInterval(refresh, 2000); // what somebody is doing in a chat is over after a while
}

function people() {
  const box = byId("people");
  const faces = store.people.map((person) => [person.name, person.id === store.person ? 0 : store.unreadOf(person.id)]);
  if (box.children.length === 1) {
    for (const [index, person] of store.people.entries()) box.append(segment(person, index));
  }
  for (const [index, person] of store.people.entries()) {
    const part = box.children[index + 1];
    part.querySelector("input").checked = person.id === store.person;
    refill(part.querySelector("label"), faces[index], () => {
      const [name, unread] = faces[index];
      return [
        personAvatar(name, index),
        name,
        unread ? el("span", { class: "badge" }, String(unread)) : "",
        unread ? hiddenText(" unread") : "",
      ];
    });
  }
}

function segment(person, index) {
  const id = `person-${index}`;
  const choose = () => store.look(person.id, store.chatsOf(person.id).find((chat) => chat.kind === store.chat.kind).id);
  return el(
    "div",
    { class: "segment" },
    el("input", { type: "radio", name: "person", id, onchange: choose }),
    el("label", { for: id }),
  );
}

function list(rows) {
  const chats = store.chatsOf(store.person);
  arrange(
    byId("chats"),
    chats.map((chat) => row(rows, chat)),
  );
}

function row(rows, chat) {
  if (!rows.has(chat.id)) {
    const open = () => store.look(store.person, chat.id, "chat");
    rows.set(
      chat.id,
      el("li", {}, el("button", { type: "button", class: "chat-row", title: chat.title, onclick: open })),
    );
  }
  const item = rows.get(chat.id);
  const button = item.firstChild;
  const last = store.lastOf(chat.id);
  const unread = store.unread(store.person, chat.id);
  const isLoud = unread.some((message) => !message.silent);
  const acting = store.acting(chat);
  const words = acting || (last ? summary(last) : "No messages yet");
  button.setAttribute("aria-current", String(chat.id === store.chatId));
  refill(button, [words, acting, last?.date, unread.length, isLoud], () => [
    avatar(chat),
    el(
      "span",
      { class: "chat-row-text" },
      el("span", { class: "chat-row-title" }, chat.title),
      el("span", { class: `chat-row-last ${acting ? "acting" : ""}` }, words),
      last ? el("time", {}, when(last.date)) : "",
      unread.length
        ? el("span", { class: `badge ${isLoud ? "" : "muted"}` }, String(unread.length), hiddenText(" unread"))
        : "",
    ),
  ]);
  return item;
}
