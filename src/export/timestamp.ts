/** Latest time that ISO 8601 writes with a four-digit year. */
const latest = Date.UTC(9999, 11, 31);

/**
 * EVE's form of a time: `2026-11-21T00:42:07.199672+0000`. Takes milliseconds since the epoch with a fraction; what
 * is no time at all is written as the epoch, never thrown at.
 */
export function eveTimestamp(milliseconds: number): string {
  const bounded = milliseconds >= 0 && milliseconds <= latest ? milliseconds : 0;
  const microseconds = Math.floor(bounded * 1000);
  const whole = new Date(Math.floor(microseconds / 1000)).toISOString();
  return `${whole.slice(0, -1)}${String(microseconds % 1000).padStart(3, "0")}+0000`;
}

const form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})\+0000$/;

/** Milliseconds since the epoch of what `eveTimestamp` wrote; undefined when it is not that. */
export function readEveTimestamp(text: unknown): number | undefined {
  const match = typeof text === "string" ? form.exec(text) : null;
  if (match === null) return undefined;
  const seconds = Date.parse(`${match[1]}Z`);
  return Number.isNaN(seconds) ? undefined : seconds + Number(match[2]) / 1000;
}
