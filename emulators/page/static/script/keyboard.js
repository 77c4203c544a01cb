// Buttons under a message: they open, copy, or ask the bot.

import { chooseChat } from "./chooser.js";
import * as control from "./control.js";
import { el, icon } from "./dom.js";
import { call } from "./inline.js";
import { openLink, target } from "./links.js";
import { alertWindow, attempt, copy, toast } from "./notices.js";
import { store } from "./store.js";

const WAITING_MS = 15000; // then Telegram, too, stops waiting for the answer

/** Rows of buttons. */
export function keyboard(message) {
  return message.buttons.map((row, rowNumber) =>
    el("div", { class: "keyboard-row" }, ...row.map((button, column) => key(message, button, rowNumber, column))),
  );
}

function key(message, button, row, column) {
  const look = `key ${button.style ?? ""}`;
  if (button.kind === "url") {
    const properties = { ...target(button.value), class: look, onclick: (event) => openLink(button.value, event) };
    return el("a", properties, button.text, icon("out"));
  }
  if (button.kind === "copy_text") {
    return el("button", { type: "button", class: look, onclick: () => copy(button.value) }, button.text, icon("copy"));
  }
  if (button.kind === "callback") {
    const pressed = el("button", { type: "button", class: look }, button.text);
    pressed.addEventListener("click", () => press(pressed, message, row, column));
    return pressed;
  }
  if (button.kind.startsWith("switch_inline_query")) {
    return el("button", { type: "button", class: look, onclick: () => search(button) }, button.text, icon("forward"));
  }
  const explain = () => toast("This kind of button is not part of the demo.");
  return el("button", { type: "button", class: look, onclick: explain }, button.text);
}

/** Call the bot's inline mode, in this chat or in one that is chosen. */
function search({ kind, value }) {
  if (kind === "switch_inline_query_current_chat") return store.emit("paste", call(value));
  const { query, kinds } = kind === "switch_inline_query_chosen_chat" ? value : { query: value };
  const open = (chat) => {
    store.look(store.person, chat.id, "chat");
    store.emit("paste", call(query));
  };
  return chooseChat("Choose a chat", open, kinds);
}

async function press(element, message, row, column) {
  if (element.getAttribute("aria-busy") === "true") return;
  element.setAttribute("aria-busy", "true");
  const rest = () => element.removeAttribute("aria-busy");
  const pressed = await attempt(() => control.press(store.person, message.chat, message.id, row, column));
  const answer = pressed && (await answered(pressed.press));
  rest();
  if (!answer) return;
  if (answer.url) window.open(answer.url, "_blank", "noopener");
  if (answer.text && answer.alert) alertWindow(answer.text);
  else if (answer.text) toast(answer.text);
}

/** The answer to a press, which may have come before the press was known to have been made; null after a while. */
function answered(id) {
  return new Promise((resolve) => {
    const look = () => {
      const answer = store.presses.get(id)?.answer;
      if (answer) finish(answer);
    };
    const finish = (answer) => {
      clearTimeout(timer);
      store.removeEventListener("press", look);
      resolve(answer);
    };
    const timer = setTimeout(() => finish(null), WAITING_MS);
    store.addEventListener("press", look);
    look();
  });
}
