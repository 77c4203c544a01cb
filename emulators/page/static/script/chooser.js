// A window in which one of one's chats is chosen.

import { avatar } from "./avatars.js";
import { byId, el, iconButton } from "./dom.js";
import { store } from "./store.js";

/** Have one of the chats chosen that one may write to; `act` is called with it. `kinds`: only such. */
export function chooseChat(title, act, kinds = ["bot", "group"]) {
  const dialog = byId("chooser");
  const choose = (chat) => {
    dialog.close();
    act(chat);
  };
  const chats = store.chatsOf(store.person).filter((chat) => kinds.includes(chat.kind));
  dialog.replaceChildren(
    el(
      "div",
      { class: "sheet-head" },
      el("h2", { id: "chooser-title" }, title),
      iconButton("close", "Close", () => dialog.close(), "small"),
    ),
    chats.length ? el("ul", {}, ...chats.map((chat) => row(chat, choose))) : el("p", { class: "soft" }, "None fits."),
  );
  dialog.showModal();
}

function row(chat, choose) {
  const properties = { type: "button", class: "sheet-row", onclick: () => choose(chat) };
  return el("li", {}, el("button", properties, avatar(chat), chat.title));
}
