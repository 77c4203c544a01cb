// What a newcomer may try first; shown until it is waved away.

import { byId, el, iconButton } from "./dom.js";
import { recall, remember } from "./memory.js";

const KNOWN = "steps-are-known";
const STEPS = [
  "Press Start, send /login, and paste the API key.",
  "Drop a file on the chat, or take a sample from the paper clip.",
  "Forward posts from the channel, and look at /list.",
  "Paste a sample link: 1fichier fetches it for you.",
  "Slow the network down, send the film, kill the bot, start it again.",
];

export function startSteps() {
  if (recall(KNOWN)) return;
  const card = el(
    "section",
    { class: "card steps", "aria-labelledby": "steps-title" },
    el("div", { class: "card-head" }, el("h2", { id: "steps-title" }, "Five things to try")),
    el("ol", {}, ...STEPS.map((step) => el("li", {}, step))),
    iconButton(
      "close",
      "Hide these steps",
      () => {
        card.remove();
        remember(KNOWN, "1");
      },
      "small",
    ),
  );
  // Below the chats where there is room, else above the account.
  const wide = matchMedia("(min-width: 1181px)");
  const place = () => (wide.matches ? byId("left").append(card) : byId("account").prepend(card));
  wide.addEventListener("change", () => card.isConnected && place());
  place();
}
