import { el, icon } from "./dom.js";

const ICONS = { bot: "bot", channel: "channel" };

/** The round picture of a chat. */
export function avatar(chat) {
  const face = ICONS[chat.kind] ? icon(ICONS[chat.kind]) : initials(chat.title);
  return el("span", { class: `avatar ${chat.kind}`, "aria-hidden": "true" }, face);
}

/** The round picture of a person, who is the `index`th. */
export function personAvatar(name, index) {
  return el("span", { class: `avatar small p${index}`, "aria-hidden": "true" }, initials(name));
}

const initials = (title) =>
  title
    .split(/[^\p{L}]+/u)
    .filter(Boolean)
    .map((word) => word[0])
    .slice(0, 2)
    .join("");
