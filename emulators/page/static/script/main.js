// Puts the parts of the page together.

import { startAccount } from "./account.js";
import { startChats } from "./chats.js";
import { Conversation } from "./conversation.js";
import { byId, icon } from "./dom.js";
import { recall, remember } from "./memory.js";
import { startNotices } from "./notices.js";
import { startSteps } from "./steps.js";
import { store } from "./store.js";
import { startWeather } from "./weather.js";

const THEME = "theme";
const THEMES = {
  auto: ["auto", "Colours: as the system"],
  light: ["sun", "Colours: light"],
  dark: ["moon", "Colours: dark"],
};

function startTheme() {
  const button = byId("theme");
  const names = Object.keys(THEMES);
  const show = (name) => {
    const [picture, label] = THEMES[name];
    document.documentElement.dataset.theme = name;
    button.replaceChildren(icon(picture));
    button.title = label;
    button.setAttribute("aria-label", label);
  };
  const kept = recall(THEME);
  show(THEMES[kept] ? kept : "auto");
  button.addEventListener("click", () => {
    const next = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
    show(next);
    remember(THEME, next);
  });
}

function startParts() {
  const buttons = [...document.querySelectorAll(".views [data-to]")];
  for (const button of buttons) button.addEventListener("click", () => store.show(button.dataset.to));
  store.on("part", () => {
    document.querySelector(".frame").dataset.view = store.part;
    for (const button of buttons) button.setAttribute("aria-current", String(button.dataset.to === store.part));
  });
}

function startSkipping() {
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    const composer = byId("composer");
    (composer.querySelector("textarea") ?? composer.querySelector("button"))?.focus();
  });
}

startTheme();
startSkipping();
startParts();
startNotices();
startChats();
new Conversation();
startAccount();
startSteps();
startWeather();
store.start();
