// The control interface of the emulators (docs/demo.md): the only thing this page talks to.

export class Refused extends Error {}

async function request(method, path, body, signal) {
  let response;
  try {
    response = await fetch(`control/${path}`, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused("The demo does not answer. Is it still running in the terminal?");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(answer.error ?? `The demo answered ${response.status}.`);
  return answer;
}

const at = (person, chat) => `people/${person}/chats/${chat}`;

export const say = (person, chat, words) => request("POST", `${at(person, chat)}/messages`, words);
export const remove = (person, chat, message) => request("DELETE", `${at(person, chat)}/messages/${message}`);
export const forward = (person, chat, from, messages) =>
  request("POST", `${at(person, chat)}/forwards`, { from_chat: from, messages });
export const press = (person, chat, message, row, column) =>
  request("POST", `${at(person, chat)}/presses`, { message, row, column });
export const ask = (person, chat, asked, signal) => request("POST", `${at(person, chat)}/inline`, asked, signal);
export const pick = (person, chat, picked) => request("POST", `${at(person, chat)}/picks`, picked);
export const changeAccount = (person, standing) => request("POST", `people/${person}/account`, { standing });
export const changeKey = (person, what) => request("POST", `people/${person}/key`, { do: what });
export const changeWeather = (change) => request("POST", "weather", change);
export const changeProcess = (what) => request("POST", "process", { do: what });

export const attachmentUrl = (file) => `control/attachments/${encodeURIComponent(file)}`;
export const linkUrl = (id) => `control/links/${id}`;

/** Send one file to the demo's disk, which the browser reads piece by piece; `fetch` would not tell how far it is. */
export function upload(file, { onprogress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `control/files?name=${encodeURIComponent(file.name)}`);
    request.responseType = "json";
    request.upload.onprogress = (event) => onprogress(event.loaded / Math.max(1, event.total));
    request.onload = () =>
      request.status === 200
        ? resolve(request.response.file)
        : reject(new Refused(request.response?.error ?? `The demo answered ${request.status}.`));
    request.onerror = () => reject(new Refused(`${file.name} could not be sent.`));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** Follow what happens: `ontold` gets `{kind, value}`, `onlost` is called when the demo is gone, until it is back. */
export function follow(ontold, onlost) {
  const source = new EventSource("control/events");
  // The browser's own tries become rarer and rarer, and one to a server that is just ending may hang.
  const again = () => {
    clearTimeout(unanswered);
    source.close();
    onlost();
    setTimeout(() => follow(ontold, onlost), 1000);
  };
  const unanswered = setTimeout(again, 5000);
  source.onopen = () => clearTimeout(unanswered);
  source.onmessage = (event) => ontold(JSON.parse(event.data));
  source.onerror = again;
}
