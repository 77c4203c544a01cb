// Files that wait to be sent: chosen with the paper clip, dropped on the conversation, or pasted.

import { upload } from "./control.js";
import { byId, el, icon, iconButton } from "./dom.js";
import { count, size } from "./format.js";
import { fileIcon } from "./message.js";
import { toast } from "./notices.js";
import { store } from "./store.js";

const LARGEST = 4000 * 512 * 1024; // bytes, as Telegram's clients send them
const MOST = 100;

export class Tray {
  #waiting = new Map(); // place → files
  #place = "";
  #aborting = null;

  constructor({ onchange, field }) {
    this.onchange = onchange;
    this.field = field;
    this.input = el("input", {
      type: "file",
      multiple: true,
      hidden: true,
      id: "files",
      "aria-label": "Files to send",
    });
    this.list = el("ul", { class: "scroll" });
    this.asFiles = el("input", { type: "checkbox" });
    this.asFilesLabel = el("label", {}, this.asFiles, "Send as files, unchanged");
    this.total = el("span", { role: "status" });
    this.element = el(
      "div",
      { class: "tray", hidden: true },
      this.list,
      el("div", { class: "tray-foot" }, this.asFilesLabel, this.total),
      this.input,
    );
    document.body.append(this.input);
    this.input.addEventListener("change", () => {
      this.add(this.input.files);
      this.input.value = "";
    });
    field.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length === 0) return;
      event.preventDefault();
      this.add(event.clipboardData.files);
    });
    this.#takeDrops();
  }

  get #files() {
    return this.#waiting.get(this.#place) ?? [];
  }

  get isEmpty() {
    return this.#files.length === 0;
  }

  /** Whether files are on their way to the demo. */
  get isBusy() {
    return this.#aborting !== null;
  }

  open(place) {
    this.#aborting?.abort();
    this.#place = place;
    this.#show();
  }

  choose() {
    this.input.click();
  }

  add(files) {
    const taken = [...files].filter((file) => {
      if (file.size > LARGEST) toast(`${file.name} is too large: Telegram takes 2 GB.`);
      return file.size <= LARGEST;
    });
    if (this.#files.length + taken.length > MOST) toast(`${MOST} files at once are enough.`);
    this.#waiting.set(this.#place, [...this.#files, ...taken].slice(0, MOST));
    this.#show();
    this.field.focus();
  }

  clear(place) {
    this.#waiting.delete(place);
    this.#show();
  }

  /** Bring the files to the demo; what a message then needs to carry them. */
  async upload() {
    if (this.isEmpty) return {};
    this.#aborting = new AbortController();
    this.onchange();
    const files = [];
    try {
      for (const [index, file] of this.#files.entries()) {
        const bar = el("progress", { max: "1", value: "0", "aria-label": `Sending ${file.name}` });
        this.list.children[index].append(bar);
        files.push(await upload(file, { signal: this.#aborting.signal, onprogress: (part) => (bar.value = part) }));
      }
    } catch (error) {
      this.#aborting = null;
      this.#show();
      throw error;
    }
    this.#aborting = null;
    return { files, sent_as: this.asFiles.checked ? "document" : "media" };
  }

  #show() {
    const files = this.#files;
    this.element.hidden = files.length === 0;
    this.list.replaceChildren(...files.map((file, index) => this.#entry(file, index)));
    this.asFilesLabel.hidden = !files.some((file) => /^(image|video|audio)\//.test(file.type));
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    this.total.textContent = files.length ? `${count(files.length, "file", "files")}, ${size(bytes)}` : "";
    this.onchange();
  }

  #entry(file, index) {
    const kind = file.type.startsWith("image/") ? "photo" : file.type.split("/")[0];
    return el(
      "li",
      {},
      icon(fileIcon(kind)),
      el("span", { class: "tray-name" }, file.name),
      el("span", { class: "tray-size" }, size(file.size)),
      iconButton("close", `Do not send ${file.name}`, () => this.#drop(index), "small"),
    );
  }

  #drop(index) {
    if (this.isBusy) return this.#aborting.abort();
    this.#waiting.set(
      this.#place,
      this.#files.filter((_, position) => position !== index),
    );
    this.#show();
    return this.field.focus();
  }

  #takeDrops() {
    const talk = byId("talk");
    const overlay = byId("drop");
    let depth = 0; // of elements the pointer has entered and not left
    const carriesFiles = (event) => [...event.dataTransfer.types].includes("Files");
    const mayDrop = () => store.chat && store.chat.kind !== "channel" && store.chat.started;
    talk.addEventListener("dragenter", (event) => {
      if (!carriesFiles(event) || !mayDrop()) return;
      depth += 1;
      overlay.hidden = false;
    });
    talk.addEventListener("dragleave", () => {
      depth = Math.max(0, depth - 1);
      if (depth === 0) overlay.hidden = true;
    });
    talk.addEventListener("dragover", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = mayDrop() ? "copy" : "none";
    });
    talk.addEventListener("drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      depth = 0;
      overlay.hidden = true;
      if (mayDrop()) this.add(event.dataTransfer.files);
      else toast("Press Start first, then drop the files.");
    });
    // A file that misses must not replace the page.
    for (const kind of ["dragover", "drop"])
      addEventListener(kind, (event) => carriesFiles(event) && event.preventDefault());
  }
}
