// Numbers, sizes and times as people write them.

const UNITS = ["B", "kB", "MB", "GB", "TB"];
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayOfYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const wholeDay = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });

/** Decimal, as 1fichier counts: 1 GB is 1,000,000,000 bytes. */
export function size(bytes) {
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toLocaleString("en", { maximumFractionDigits: digits })} ${UNITS[unit]}`;
}

export const time = (seconds) => clock.format(seconds * 1000);

/** Today its time, else its day. */
export function when(seconds) {
  return isToday(seconds) ? time(seconds) : dayOfYear.format(seconds * 1000);
}

export const day = (seconds) => (isToday(seconds) ? "Today" : wholeDay.format(seconds * 1000));

export const sameDay = (one, other) => new Date(one * 1000).toDateString() === new Date(other * 1000).toDateString();

const isToday = (seconds) => sameDay(seconds, Date.now() / 1000);

export const percent = (part, whole) => `${Math.round((100 * part) / whole)}%`;

export const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;

export const firstLine = (text) => text.split("\n").find((line) => line.trim()) ?? "";
