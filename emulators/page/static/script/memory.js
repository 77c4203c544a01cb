// What a browser keeps from one visit to the next, if it keeps anything.

const PREFIX = "onefichier-bot-demo.";

export function recall(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Until the page is closed, then.
  }
}
