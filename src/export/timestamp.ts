/** Latest time that ISO 8601 writes with a four-digit year. */
const latest = Date.UTC(9999, 11, 31);

const millisecondsPerDay = 86_400_000;
const twoDigits: readonly string[] = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, "0"));
/** The day that was written last, and its text up to the "T": records of one run share it. */
let day = Number.NaN;
let date = "";

/**
 * EVE's form of a time: `2026-11-21T00:42:07.199672+0000`. Takes milliseconds since the epoch with a fraction; what
 * is no time at all is written as the epoch, never thrown at.
 */
export function eveTimestamp(milliseconds: number): string {
  const bounded = milliseconds >= 0 && milliseconds <= latest ? milliseconds : 0;
  const microseconds = Math.floor(bounded * 1000);
  const whole = Math.floor(microseconds / 1000);
  const whichDay = Math.floor(whole / millisecondsPerDay);
  if (whichDay !== day) {
    day = whichDay;
    date = new Date(whichDay * millisecondsPerDay).toISOString().slice(0, 11);
  }
  const ofDay = whole - whichDay * millisecondsPerDay;
  const second = Math.floor(ofDay / 1000);
  const minute = Math.floor(second / 60);
  const fraction = String(1e6 + (ofDay % 1000) * 1000 + (microseconds % 1000)).slice(1);
  const hour = twoDigits[Math.floor(minute / 60)];
  return `${date}${hour}:${twoDigits[minute % 60]}:${twoDigits[second % 60]}.${fraction}+0000`;
}

const form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})\+0000$/;

/** Milliseconds since the epoch of what `eveTimestamp` wrote; undefined when it is not that. */
export function readEveTimestamp(text: unknown): number | undefined {
  const match = typeof text === "string" ? form.exec(text) : null;
  if (match === null) return undefined;
  const seconds = Date.parse(`${match[1]}Z`);
  return Number.isNaN(seconds) ? undefined : seconds + Number(match[2]) / 1000;
}
