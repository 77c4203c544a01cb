// Where links lead: those of 1fichier to the one of this demo, those of Telegram to its chats, all others out.

import { linkUrl } from "./control.js";
import { toast } from "./notices.js";
import { store } from "./store.js";

/** `{kind, …}` of an address: `file` (1fichier's, by id), `key` (the page with one's key), `start` (the bot), `other`. */
export function meaning(url) {
  let parts;
  try {
    parts = new URL(url);
  } catch {
    return { kind: "other" };
  }
  const host = parts.hostname.replace(/^www\./, "");
  if (store.domains.includes(host)) {
    const id = /^\?([a-z0-9]{5,20})/.exec(parts.search)?.[1];
    if (parts.pathname === "/" && id) return { kind: "file", id };
    if (parts.pathname.startsWith("/console/params")) return { kind: "key" };
  }
  if (host === "t.me" && parts.pathname === `/${store.bot.username}`) {
    return { kind: "start", payload: parts.searchParams.get("start") ?? "" };
  }
  return { kind: "other" };
}

/** The attributes of an anchor that leads there. */
export function target(url) {
  const { kind, id } = meaning(url);
  if (kind === "file") return { href: linkUrl(id), download: true };
  if (kind === "key" || kind === "start") return { href: url };
  if (!/^(https?|mailto|tg):/i.test(url)) return {};
  return { href: url, target: "_blank", rel: "noopener noreferrer" };
}

/** Follow a link that was clicked, where it leads to a part of this page. */
export function openLink(url, event) {
  const { kind, id, payload } = meaning(url);
  if (kind === "file" && store.weather.down) {
    event?.preventDefault();
    toast("1fichier is down: see the weather.");
  } else if (
    kind === "file" &&
    ![...store.accounts.values()].some((account) => account.files.some((file) => meaning(file.url).id === id))
  ) {
    event?.preventDefault();
    toast("1fichier has no such file any more.");
  } else if (kind === "key") {
    event?.preventDefault();
    store.show("account");
    store.emit("show-key");
  } else if (kind === "start") {
    event?.preventDefault();
    offerStart(payload);
  }
}

/** Lead to the private chat, where Start sends `/start` with this argument. */
export function offerStart(payload) {
  const [chat] = store.chatsOf(store.person);
  store.look(store.person, chat.id, "chat");
  store.emit("start-offered", payload);
}
