// What can be made to go wrong, and the bot's process, which can be restarted and killed.

import * as control from "./control.js";
import { speed, weatherChips } from "./conversation.js";
import { byId, el, refill } from "./dom.js";
import { attempt } from "./notices.js";
import { store } from "./store.js";

const SPEEDS = [50_000, 200_000, 1_000_000, 5_000_000, null]; // bytes a second; null is all there is
const FLOODS = [10, 30, 60]; // seconds
const RESTS = [5, 15, 30];
const FAIR = { bytes_per_second: null, flood_seconds: 0, rest_seconds: 0, down: false, reports_held: false };

const CONDITIONS = {
  starting: "Bot is starting",
  running: "Bot is running",
  stopping: "Bot is stopping",
  stopped: "Bot is stopped",
  killed: "Bot was killed",
  broken: "Bot has ended",
  lost: "Demo has ended",
};

const change = (what) => attempt(() => control.changeWeather(what));
const act = (what) => attempt(() => control.changeProcess(what));

export function startWeather() {
  const panel = new Weather();
  store.on("begin weather process", () => panel.refresh());
  store.on("show-weather", () => byId("weather").scrollIntoView({ block: "nearest", behavior: "smooth" }));
  setInterval(() => panel.refresh(), 500);
  byId("status").addEventListener("click", () => {
    store.show("weather");
    store.emit("show-weather");
  });
}

class Weather {
  constructor() {
    this.calm = el("button", { type: "button", class: "button quiet", onclick: () => change(FAIR) }, "Fair weather");
    this.range = el("input", {
      type: "range",
      min: "0",
      max: String(SPEEDS.length - 1),
      step: "1",
      "aria-label": "Network speed",
    });
    this.range.addEventListener("input", () => change({ bytes_per_second: SPEEDS[Number(this.range.value)] }));
    this.down = toggle("down");
    this.held = toggle("reports_held");
    this.flood = el("div", { class: "steps-of" });
    this.rest = el("div", { class: "steps-of" });
    this.processState = el("span", { class: "bot-state" }, el("span", { class: "dot" }), el("span"));
    this.processButtons = el("div", { class: "steps-of" });
    this.knobs = {
      speed: knob("Network", "", this.range),
      flood: knob("Too many calls", "1fichier answers “flood”", this.flood),
      rest: knob("Telegram 429", "Telegram asks for a rest", this.rest),
      held: knob("Link comes late", "end.pl says “please wait”", this.held),
      down: knob("1fichier down", "nobody can connect", this.down),
      process: knob(this.processState, "", this.processButtons),
    };
    byId("weather").append(
      el("div", { class: "weather-head" }, el("h2", { id: "weather-title" }, "Weather"), this.calm),
      ...Object.values(this.knobs),
    );
  }

  refresh() {
    const { weather, process } = store;
    const rate = weather.bytes_per_second ?? null;
    // The control interface takes speeds between these, too.
    this.range.value = String(
      rate === null
        ? SPEEDS.length - 1
        : Math.max(
            0,
            SPEEDS.findLastIndex((each) => each !== null && each <= rate),
          ),
    );
    this.range.setAttribute("aria-valuetext", rate ? speed(rate) : "full speed");
    say(this.knobs.speed, rate ? `1fichier takes ${speed(rate)}` : "full speed", Boolean(rate));
    this.down.checked = Boolean(weather.down);
    this.held.checked = Boolean(weather.reports_held);
    say(this.knobs.down, null, Boolean(weather.down));
    say(this.knobs.held, null, Boolean(weather.reports_held));
    spell(this.flood, this.knobs.flood, "flood_seconds", FLOODS, weather.flood_until, "flood");
    spell(this.rest, this.knobs.rest, "rest_seconds", RESTS, weather.rest_until, "Telegram 429");
    const isFair = weatherChips(weather).length === 0;
    this.calm.hidden = isFair;
    document.querySelector(".views .mark").hidden = isFair && ["running", "starting"].includes(process.condition);
    this.#refreshProcess(process);
  }

  #refreshProcess(process) {
    const words = CONDITIONS[process.condition];
    for (const box of [byId("status"), this.processState]) {
      box.dataset.condition = process.condition;
      refill(box.lastElementChild, words, () => words);
    }
    const detail = process.pid ? `process ${process.pid}, start ${process.starts}` : "what people send waits for it";
    say(this.knobs.process, detail, false);
    const isThere = process.pid !== null && process.pid !== undefined;
    refill(this.processButtons, [isThere], () =>
      isThere
        ? [
            button("Restart", "Restart the bot", "SIGTERM: it ends in order, and starts again", () => act("restart")),
            button(
              "Kill",
              "Kill the bot",
              "SIGKILL: it ends at once, whatever it was doing",
              () => act("kill"),
              "danger",
            ),
          ]
        : [button("Start", "Start the bot", "What people have sent is handled then", () => act("start"), "primary")],
    );
  }
}

function knob(name, what, ...parts) {
  return el(
    "div",
    { class: "knob" },
    el("div", {}, el("span", { class: "knob-name" }, name), el("span", { class: "knob-what" }, what)),
    ...parts,
  );
}

function say(box, what, isOn) {
  box.classList.toggle("on", isOn);
  const words = box.querySelector(".knob-what");
  if (what !== null && words.textContent !== what) words.textContent = what;
}

function toggle(name) {
  const labels = { down: "1fichier down", reports_held: "Link comes late" };
  const input = el("input", { type: "checkbox", role: "switch", class: "switch", "aria-label": labels[name] });
  input.addEventListener("change", () => change({ [name]: input.checked }));
  return input;
}

/** Buttons that bring something for some seconds, or the one that ends it. */
function spell(box, knobBox, name, choices, until, what) {
  const left = until ? Math.ceil(until - Date.now() / 1000) : 0;
  say(knobBox, null, left > 0);
  refill(box, [Math.max(0, left)], () =>
    left > 0
      ? [button(`${left} s · end`, `${left} s · end ${what} now`, "", () => change({ [name]: 0 }), "stop")]
      : choices.map((seconds) =>
          button(`${seconds} s`, `${seconds} s of ${what}`, "", () => change({ [name]: seconds })),
        ),
  );
}

/** A button with few words on it: `name` says them, and what they are about, to whoever does not see where it stands. */
function button(words, name, title, onclick, look = "") {
  return el(
    "button",
    { type: "button", class: `button ${look}`, "aria-label": name, title: title || null, onclick },
    words,
  );
}
