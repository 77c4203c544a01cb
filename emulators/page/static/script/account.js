// The account of whoever looks, as 1fichier has it: key, storage, folders and files, what it fetches.

import * as control from "./control.js";
import { byId, el, hiddenText, icon, iconButton, refill } from "./dom.js";
import { count, percent, size, when } from "./format.js";
import { openLink, target } from "./links.js";
import { attempt, copy } from "./notices.js";
import { store } from "./store.js";
import { personAvatar } from "./avatars.js";

const ROOT = 0;
const STANDINGS = {
  ordinary: "As usual",
  nearly_full: "92% full",
  over_quota: "Over its quota",
  ends_in_10_days: "Ends in 10 days",
  ends_in_2_days: "Ends in 2 days",
  uploads_forbidden: "Uploads forbidden",
};

export function startAccount() {
  const panel = new Account();
  store.on("begin look account", () => store.account && panel.refresh());
  store.on("show-key", () => panel.showKey());
}

class Account {
  #known = new Map(); // person → ids of files seen before, so that new ones can be told
  #open = new Map(); // folder id → whether it is open

  constructor() {
    this.figures = el("div");
    this.standing = new Standing();
    this.owner = el(
      "section",
      { class: "card owner", "aria-labelledby": "owner-title" },
      this.figures,
      this.standing.element,
    );
    this.key = el("section", { class: "card", "aria-labelledby": "key-title", tabindex: "-1" });
    this.files = el("section", { class: "card tree", "aria-labelledby": "files-title" });
    this.remotes = el("section", { class: "card", "aria-labelledby": "remotes-title" });
    byId("account").append(this.owner, this.key, this.files, this.remotes);
  }

  refresh() {
    const account = store.account;
    const { person, email, offer, until, used, allowed } = account;
    refill(this.figures, [person, email, offer, until, used, allowed], () => ownerCard(account));
    this.standing.refresh(account);
    refill(this.key, [person, account.key], () => keyCard(account));
    this.#refreshFiles(account);
    refill(this.remotes, [person, account.remotes, store.urls], () => remotesCard(account));
  }

  showKey() {
    this.key.scrollIntoView({ block: "nearest", behavior: "smooth" });
    this.key.classList.remove("flash");
    requestAnimationFrame(() => this.key.classList.add("flash"));
    (this.key.querySelector(".primary") ?? this.key).focus({ preventScroll: true });
  }

  #refreshFiles(account) {
    const known = this.#known.get(account.person) ?? new Set(account.files.map((file) => file.id));
    const changed = refill(this.files, [account.person, account.files, account.folders, account.arriving], () => [
      el(
        "div",
        { class: "card-head" },
        icon("cloud"),
        el("h3", { id: "files-title" }, "Folders and files"),
        el("span", { class: "aside" }, count(account.files.length, "file", "files")),
      ),
      account.arriving.length
        ? el("ul", { class: "arriving", "aria-label": "Arriving" }, ...account.arriving.map(arriving))
        : "",
      this.#folder(account, ROOT, known),
    ]);
    if (changed) this.#known.set(account.person, new Set([...known, ...account.files.map((file) => file.id)]));
  }

  #folder(account, id, known) {
    const folders = account.folders.filter((each) => each.parent === id).sort((a, b) => a.name.localeCompare(b.name));
    const files = account.files.filter((each) => each.folder === id).sort((a, b) => b.stored_at - a.stored_at);
    const isEmpty = folders.length + files.length === 0;
    return el(
      "ul",
      {},
      ...folders.map((folder) => el("li", {}, this.#drawer(account, folder, known))),
      ...files.map((file) => entry(file, !known.has(file.id))),
      isEmpty ? el("li", { class: "nothing" }, "Empty") : null,
    );
  }

  #drawer(account, folder, known) {
    const inside = account.files.filter((each) => each.folder === folder.id);
    const hasNew = inside.some((file) => !known.has(file.id));
    const drawer = el(
      "details",
      { open: hasNew || this.#open.get(folder.id) || null },
      el(
        "summary",
        {},
        icon("folder"),
        folder.name,
        el(
          "span",
          { class: "soft" },
          inside.length ? String(inside.length) : "",
          hiddenText(inside.length ? " files" : "empty"),
        ),
      ),
      this.#folder(account, folder.id, known),
    );
    drawer.addEventListener("toggle", () => this.#open.set(folder.id, drawer.open));
    return drawer;
  }
}

function entry(file, isNew) {
  return el(
    "li",
    { class: isNew ? "entry fresh" : "entry", "data-file": file.id },
    el(
      "a",
      { ...target(file.url), title: `Download ${file.name}`, onclick: (event) => openLink(file.url, event) },
      file.name,
      file.password ? icon("lock", "inline") : null,
      file.password ? hiddenText(" has a password") : null,
    ),
    el("span", { class: "soft" }, `${size(file.size)} · ${when(file.stored_at)}`),
    iconButton("copy", `Copy the link of ${file.name}`, () => copy(file.url), "small"),
  );
}

function arriving(upload) {
  const words = upload.whole
    ? `${size(upload.received)} here, the link is not out yet`
    : `Receiving a file: ${size(upload.received)}`;
  return el("li", { class: upload.whole ? "whole" : "" }, words);
}

function ownerCard(account) {
  const name = store.name(account.person);
  const bar = el("div");
  bar.style.inlineSize = `${Math.min(100, (100 * account.used) / account.allowed)}%`;
  const end = account.until ? ` until ${account.until}` : "";
  return [
    el(
      "div",
      { class: "owner-head" },
      personAvatar(
        name,
        store.people.findIndex((each) => each.id === account.person),
      ),
      el(
        "div",
        {},
        el("h2", { id: "owner-title" }, `${name} at 1fichier`),
        el("p", {}, `${account.email} · ${account.offer}${end}`),
      ),
    ),
    el(
      "div",
      { class: "meter", role: "img", "aria-label": `${percent(account.used, account.allowed)} of the storage is used` },
      bar,
    ),
    el(
      "p",
      { class: "figures" },
      el("span", {}, el("b", {}, size(account.used)), " used"),
      el("span", {}, room(account)),
    ),
  ];
}

function room({ allowed, used }) {
  if (used > allowed) return `${size(used - allowed)} over ${size(allowed)}`;
  return `${size(allowed - used)} free of ${size(allowed)}`;
}

/** What the account's owner is to be warned of, to choose from. It is made once, so that it keeps the focus. */
class Standing {
  constructor() {
    const options = Object.entries(STANDINGS).map(([value, words]) => el("option", { value }, words));
    this.select = el("select", { id: "standing", class: "select" }, ...options);
    this.select.addEventListener("change", () => this.#change());
    this.advice = el(
      "p",
      { class: "advice", hidden: true },
      "The bot warns when it looks:",
      el("button", { type: "button", class: "button quiet", onclick: () => paste("/quota") }, "Paste /quota"),
    );
    this.element = el(
      "div",
      { class: "standing" },
      el("label", { for: "standing" }, "State"),
      this.select,
      this.advice,
    );
  }

  refresh({ standing, until }) {
    this.select.value = standing;
    this.advice.hidden = standing === "ordinary";
    // A free account has no subscription that could end.
    for (const option of this.select.options) option.disabled = option.value.startsWith("ends_") && !until;
  }

  async #change() {
    const { person, standing } = store.account;
    const changed = await attempt(() => control.changeAccount(person, this.select.value));
    if (!changed) this.select.value = standing;
  }
}

function keyCard(account) {
  const change = (what) => attempt(() => control.changeKey(account.person, what));
  const isThere = account.key !== null;
  const revoke = el(
    "button",
    {
      type: "button",
      class: "button quiet danger",
      title: "As its owner can on 1fichier’s site",
      onclick: () => change("revoke"),
    },
    "Revoke",
  );
  return [
    el("div", { class: "card-head" }, icon("key"), el("h3", { id: "key-title" }, "API key"), isThere ? revoke : null),
    el(
      "div",
      { class: "key-row" },
      isThere
        ? el("code", { class: "key-value", title: account.key }, account.key)
        : el("p", { class: "key-value key-gone" }, "Revoked: 1fichier refuses it."),
      isThere ? iconButton("copy", "Copy the key", () => copy(account.key), "small") : null,
      isThere
        ? el(
            "button",
            { type: "button", class: "button primary", onclick: () => paste(account.key) },
            "Paste into the chat",
          )
        : el("button", { type: "button", class: "button primary", onclick: () => change("renew") }, "Make a new one"),
    ),
  ];
}

function remotesCard(account) {
  const rows = account.remotes.map((task) => {
    const failed = task.results.filter((each) => !each.ok);
    const state = task.running
      ? el("span", { class: "turning" })
      : el("span", { class: failed.length ? "ko" : "ok", "aria-hidden": "true" }, failed.length ? "✕" : "✓");
    const words = task.running ? `since ${when(task.requested_at)}` : failed.length ? failed[0].message : "fetched";
    return el("li", {}, state, el("span", {}, short(task.urls[0])), el("span", { class: "soft" }, words));
  });
  return [
    el("div", { class: "card-head" }, icon("link"), el("h3", { id: "remotes-title" }, "Links that 1fichier fetches")),
    rows.length ? el("ul", { class: "remotes" }, ...rows) : "",
    el("p", { class: "soft" }, "Samples for /remote, from a web server on this machine:"),
    el(
      "ul",
      { class: "urls" },
      ...store.urls.map(({ url, what }) =>
        el(
          "li",
          {},
          el("div", {}, el("b", { title: url }, short(url)), el("span", { class: "soft" }, what)),
          el(
            "button",
            { type: "button", class: "button quiet", onclick: () => paste(`/remote ${url}`) },
            "Paste",
            hiddenText(` /remote ${short(url)}`),
          ),
        ),
      ),
    ),
  ];
}

const short = (url) => url.replace(/^https?:\/\/[^/]+\//, "").replace(/^files\//, "");

/** Put a text into the message field of the private chat. */
function paste(text) {
  store.look(store.person, store.chatsOf(store.person)[0].id, "chat");
  store.emit("paste", text);
}
