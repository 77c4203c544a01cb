// What comes and goes: toasts, windows of callback answers, news from other chats, words for screen readers.

import { byId, el, hiddenText, iconButton } from "./dom.js";
import { firstLine } from "./format.js";
import { avatar } from "./avatars.js";
import { store } from "./store.js";

const TOAST_MS = 3200;
const BANNER_MS = 7000;
const MOST_BANNERS = 3;

export function toast(text) {
  const note = el("div", { class: "toast" }, text);
  byId("toasts").append(note);
  setTimeout(() => note.remove(), TOAST_MS + 25 * text.length);
}

export function alertWindow(text) {
  const dialog = byId("alert");
  byId("alert-text").textContent = text;
  if (!dialog.open) dialog.showModal();
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied to the clipboard.");
  } catch {
    toast("The browser did not let me copy.");
  }
}

/** Run what may be refused; why it was is shown. */
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    if (error.name !== "AbortError") toast(error.message);
    return undefined;
  }
}

/** Have a screen reader say it, once it has nothing else to say. */
export function announce(text) {
  byId("announcer").textContent = text;
}

export function startNotices() {
  store.on("message", ({ message, isNew }) => {
    if (isNew && message.bot) told(message);
  });
}

function told(message) {
  const chat = store.chats.get(message.chat);
  const words = firstLine(message.text) || message.file?.name || "a message";
  const isOpen = store.chatId === chat.id && store.part === "chat" && document.visibilityState === "visible";
  if (isOpen) announce(`${message.sender.name}: ${words}`);
  else if (!message.silent) banner(message, chat, words);
}

/** News from a chat that is not in sight; without a sound, whatever the message asks for. */
function banner(message, chat, words) {
  const person = store.chatsOf(store.person).includes(chat) ? store.person : chat.id;
  const whose = person === store.person ? "" : `${store.name(person)} · `;
  const title = `${whose}${chat.title}`;
  const open = () => {
    note.remove();
    store.look(person, chat.id, "chat");
  };
  const note = el(
    "div",
    { class: "banner" },
    el(
      "button",
      { type: "button", class: "banner-open", onclick: open },
      avatar(chat),
      el("span", { class: "banner-text" }, el("b", {}, title), hiddenText(": "), el("span", {}, words)),
    ),
    iconButton("close", "Dismiss", () => note.remove(), "small"),
  );
  const banners = byId("banners");
  banners.append(note);
  if (banners.children.length > MOST_BANNERS) banners.firstChild.remove();
  announce(`New message in ${title}: ${words}`);
  const leave = () => (note.matches(":hover, :focus-within") ? setTimeout(leave, BANNER_MS) : note.remove());
  setTimeout(leave, BANNER_MS);
}
