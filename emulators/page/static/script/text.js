// Telegram's text with entities, as elements. Offsets count UTF-16 units, as strings do here.

import { el } from "./dom.js";
import { openLink, target } from "./links.js";
import { copy } from "./notices.js";

/** Nodes for a text; `oncommand` is called when a /command in it is clicked. */
export function formatted(text, entities, oncommand) {
  const ordered = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return within(text, 0, text.length, ordered, oncommand);
}

function within(text, begin, end, entities, oncommand) {
  const nodes = [];
  let position = begin;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const stop = Math.min(entity.offset + entity.length, end);
    const inner = [];
    for (index += 1; index < entities.length && entities[index].offset < stop; index += 1) inner.push(entities[index]);
    if (entity.offset > position) nodes.push(text.slice(position, entity.offset));
    const begins = Math.max(entity.offset, position);
    const words = text.slice(begins, stop);
    nodes.push(element(entity, words, within(text, begins, stop, inner, oncommand), oncommand));
    position = stop;
  }
  if (position < end) nodes.push(text.slice(position, end));
  return nodes;
}

function element(entity, words, children, oncommand) {
  switch (entity.type) {
    case "bold":
      return el("strong", {}, ...children);
    case "italic":
      return el("em", {}, ...children);
    case "underline":
      return el("u", {}, ...children);
    case "strikethrough":
      return el("s", {}, ...children);
    case "spoiler":
      return spoiler(children);
    case "code":
      return el("button", { type: "button", class: "code", title: "Copy", onclick: () => copy(words) }, ...children);
    case "pre":
      return el("pre", { tabindex: "0" }, el("code", {}, ...children));
    case "blockquote":
    case "expandable_blockquote":
      return el("blockquote", {}, ...children);
    case "url":
      return link(/^[a-z]+:/i.test(words) ? words : `http://${words}`, children);
    case "text_link":
      return link(entity.url, children);
    case "email":
      return el("a", { href: `mailto:${words}` }, ...children);
    case "bot_command":
      return el("button", { type: "button", class: "command", onclick: () => oncommand(words) }, ...children);
    case "mention":
    case "text_mention":
    case "hashtag":
    case "cashtag":
    case "phone_number":
      return el("span", { class: "tinted" }, ...children);
    default:
      return el("span", {}, ...children);
  }
}

function link(url, children) {
  return el("a", { ...target(url), onclick: (event) => openLink(url, event) }, ...children);
}

function spoiler(children) {
  const hidden = el("button", { type: "button", class: "spoiler", "aria-label": "Hidden text: show" }, ...children);
  hidden.addEventListener("click", () =>
    hidden.replaceWith(el("span", { class: "spoiler open" }, ...hidden.childNodes)),
  );
  return hidden;
}
