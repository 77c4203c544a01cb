// Menus that drop from a button, by mouse and by keyboard.

import { el, icon } from "./dom.js";

/**
 * Open a menu at a button, or at a point where the pointer asked for it.
 * Items are `{icon, text, act, danger}`, `"-"` for a line, or `{head}` for a heading.
 */
export function openMenu(button, items, point) {
  const menu = el("div", { class: "menu", role: "menu", popover: "auto" });
  const close = () => menu.hidePopover();
  for (const item of items) {
    if (item === "-") menu.append(el("hr"));
    else if (item.head) menu.append(el("p", { class: "menu-head", role: "presentation" }, item.head));
    else menu.append(entry(item, close));
  }
  menu.addEventListener("keydown", (event) => step(menu, event, close));
  menu.addEventListener("toggle", (event) => {
    if (event.newState === "open") return;
    button.setAttribute("aria-expanded", "false");
    if (menu.contains(document.activeElement) || document.activeElement === document.body) button.focus();
    setTimeout(() => menu.remove());
  });
  // In the landmark that it belongs to, for whoever goes from one to the next.
  (button.closest("main") ?? document.body).append(menu);
  button.setAttribute("aria-expanded", "true");
  menu.showPopover();
  place(menu, point ?? button.getBoundingClientRect());
  menu.querySelector("[role=menuitem]").focus({ preventScroll: true });
}

function entry(item, close) {
  const act = () => {
    close();
    item.act();
  };
  const properties = {
    type: "button",
    role: "menuitem",
    tabindex: "-1",
    class: item.danger ? "danger" : null,
    onclick: act,
  };
  return el("button", properties, item.icon ? icon(item.icon) : null, item.text);
}

function step(menu, event, close) {
  const entries = [...menu.querySelectorAll("[role=menuitem]")];
  const now = entries.indexOf(document.activeElement);
  const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: entries.length - 1 }[event.key];
  if (event.key === "Tab") close();
  if (to === undefined) return;
  event.preventDefault();
  entries[(to + entries.length) % entries.length].focus();
}

function place(menu, at) {
  const box = menu.getBoundingClientRect();
  const room = 8;
  const left = Math.min(Math.max(room, at.left), innerWidth - box.width - room);
  const below = at.bottom + 4;
  const top = below + box.height + room < innerHeight ? below : Math.max(room, at.top - box.height - 4);
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
}
