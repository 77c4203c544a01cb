// One message as a row of the conversation: made once, then brought up to date in place, part by part.

import { attachmentUrl } from "./control.js";
import { byId, el, hiddenText, icon, iconButton, refill } from "./dom.js";
import { firstLine, size, time } from "./format.js";
import { call } from "./inline.js";
import { keyboard } from "./keyboard.js";
import { openMenu } from "./menus.js";
import { attempt, copy } from "./notices.js";
import * as control from "./control.js";
import { store } from "./store.js";
import { formatted } from "./text.js";

const KIND_ICONS = {
  photo: "photo",
  video: "film",
  animation: "film",
  video_note: "film",
  live_photo: "film",
  audio: "sound",
  voice: "sound",
};
const KIND_NAMES = {
  photo: "Photo",
  video: "Film",
  animation: "Animation",
  audio: "Music",
  voice: "Voice message",
  video_note: "Video message",
  sticker: "Sticker",
};

export const fileIcon = (kind) => KIND_ICONS[kind] ?? "file";

/** A message in one line, as lists, quotes and notifications show it. */
export const summary = (message) =>
  firstLine(message.text) || message.file?.name || KIND_NAMES[message.file?.kind] || "Message";

/** A row for a message. `acts` says what the page can do with it: reply, forward, choose, show, command. */
export class Row {
  constructor(message, acts) {
    this.acts = acts;
    this.parts = {
      head: el("div"),
      media: el("div"),
      text: el("div", { class: "text" }),
      meta: el("span", { class: "meta" }),
      reactions: el("div", { class: "reactions" }),
      keyboard: el("div", { class: "keyboard" }),
    };
    this.bubble = el(
      "div",
      { class: "bubble" },
      this.parts.head,
      this.parts.media,
      this.parts.text,
      this.parts.reactions,
    );
    this.menuButton = iconButton("more", "What to do with this message", () => this.#openMenu(), "small actions");
    this.menuButton.setAttribute("aria-haspopup", "menu");
    this.pick = el("input", {
      type: "checkbox",
      class: "pick",
      "aria-label": `Choose “${summary(message)}”`,
      onchange: () => acts.choose(this.message.id, this.pick.checked),
    });
    this.element = el(
      "div",
      { class: "row", id: `message-${message.id}`, "data-message": message.id },
      el("div", { class: "message" }, this.bubble, this.parts.keyboard),
      this.menuButton,
      this.pick,
    );
    this.bubble.addEventListener("contextmenu", (event) => {
      if (event.target.closest(".text a") || getSelection().toString()) return;
      event.preventDefault();
      this.#openMenu({ left: event.clientX, top: event.clientY, bottom: event.clientY });
    });
    this.update(message);
  }

  update(message) {
    this.message = message;
    const mine = message.sender.id === store.person;
    this.element.classList.toggle("mine", mine);
    this.element.classList.toggle("wide", message.buttons.length > 0);
    const { head, media, text, meta, reactions, keyboard: keys } = this.parts;
    const replied = message.reply_to === null ? null : store.messagesOf(message.chat).get(message.reply_to);
    const isBare = message.file?.kind === "photo" && !message.text;
    this.bubble.classList.toggle("bare", isBare);
    this.element.classList.toggle("pictured", isBare);
    this.bubble.classList.toggle("lone", Boolean(message.file) && !isBare && !message.text);
    const named = store.chat?.kind === "group" && !mine;
    refill(
      head,
      [mine, named, message.sender, message.via, message.forwarded_from, message.reply_to, replied && summary(replied)],
      () => this.#head(message, replied, named, mine),
    );
    refill(media, [message.file], () => this.#media(message));
    refill(text, [message.text, message.entities], () => formatted(message.text, message.entities, this.acts.command));
    text.append(meta);
    if (isBare) media.append(meta);
    refill(meta, [message.date, message.edited], () => [
      message.edited ? "edited" : "",
      el("time", {}, time(message.date)),
      mine ? icon("check") : "",
    ]);
    refill(reactions, message.reactions, () =>
      message.reactions.map((each) => el("span", { class: "reaction" }, each)),
    );
    reactions.hidden = message.reactions.length === 0;
    refill(keys, message.buttons, () => keyboard(message));
    keys.hidden = message.buttons.length === 0;
    text.hidden = isBare;
  }

  flash() {
    this.element.scrollIntoView({ block: "center", behavior: "smooth" });
    this.element.classList.remove("flash");
    requestAnimationFrame(() => this.element.classList.add("flash"));
  }

  #head(message, replied, named, mine) {
    const person = store.people.findIndex((each) => each.id === message.sender.id);
    const nodes = [
      named
        ? el("b", { class: `sender p${person}` }, message.sender.name)
        : hiddenText(`${mine ? "You" : message.sender.name}: `),
    ];
    if (message.via) {
      const callAgain = () => store.emit("paste", call(""));
      nodes.push(el("button", { type: "button", class: "via", onclick: callAgain }, `via @${message.via}`));
    }
    if (message.forwarded_from)
      nodes.push(el("span", { class: "origin" }, "Forwarded from ", el("b", {}, message.forwarded_from)));
    if (message.reply_to !== null) {
      const whom = replied ? replied.sender.name : "";
      const words = replied ? summary(replied) : "Deleted message";
      const show = () => this.acts.show(message.reply_to);
      nodes.push(
        el(
          "button",
          { type: "button", class: "quote", onclick: show },
          hiddenText("In reply to "),
          whom ? el("b", {}, whom) : null,
          el("span", {}, words),
        ),
      );
    }
    return nodes;
  }

  #media(message) {
    const file = message.file;
    if (!file) return [];
    if (file.kind === "photo") return [photo(file, () => fileTile(file))];
    return [fileTile(file)];
  }

  #openMenu(point) {
    const message = this.message;
    const { reply, forward, choose } = this.acts;
    const canWrite = store.chat.kind !== "channel";
    const canDelete = canWrite && (store.chat.kind === "bot" || message.sender.id === store.person);
    const items = [
      canWrite ? { icon: "reply", text: "Reply", act: () => reply(message) } : null,
      message.text ? { icon: "copy", text: "Copy text", act: () => copy(message.text) } : null,
      message.protected ? null : { icon: "forward", text: "Forward", act: () => forward([message.id]) },
      { icon: "check", text: "Choose several", act: () => choose(message.id, true) },
      canDelete ? "-" : null,
      canDelete
        ? {
            icon: "trash",
            text: "Delete",
            danger: true,
            act: () => attempt(() => control.remove(store.person, message.chat, message.id)),
          }
        : null,
    ];
    openMenu(this.menuButton, items.filter(Boolean), point);
  }
}

function photo(file, otherwise) {
  const image = el("img", { src: attachmentUrl(file.id), alt: `Photo, ${size(file.size ?? 0)}` });
  const button = el("button", { type: "button", class: "photo", onclick: () => view(file, image) }, image);
  image.addEventListener("error", () => button.replaceWith(otherwise()));
  return button;
}

function view(file, image) {
  const viewer = byId("viewer");
  const close = iconButton("close", "Close", () => viewer.close());
  viewer.replaceChildren(el("img", { src: image.src, alt: image.alt }), close);
  viewer.onclick = (event) => event.target === viewer && viewer.close();
  viewer.showModal();
}

function fileTile(file) {
  const name = file.name || KIND_NAMES[file.kind] || "File";
  return el(
    "a",
    { class: "attached", href: attachmentUrl(file.id), download: name },
    el("span", { class: "attached-icon" }, icon(fileIcon(file.kind))),
    el(
      "span",
      { class: "attached-text" },
      el("b", {}, name),
      el("span", {}, file.size === null ? "" : size(file.size)),
    ),
  );
}
