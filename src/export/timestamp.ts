/** Latest time that ISO 8601 writes with a four-digit year. */
const latest = Date.UTC(9999, 11, 31);

/** The times of records lie together: text of the seconds that were written last, up to the point. */
const places = 256;
const seconds = new Float64Array(places).fill(Number.NaN);
const prefixes: string[] = Array.from({ length: places }, () => "");

function prefixOf(second: number): string {
  const place = second & (places - 1);
  if (seconds[place] === second) return prefixes[place]!;
  const text = `${new Date(second * 1000).toISOString().slice(0, 19)}.`;
  seconds[place] = second;
  prefixes[place] = text;
  return text;
}

/**
 * EVE's form of a time: `2026-11-21T00:42:07.199672+0000`. Takes milliseconds since the epoch with a fraction; what
 * is no time at all is written as the epoch, never thrown at.
 */
export function eveTimestamp(milliseconds: number): string {
  const bounded = milliseconds >= 0 && milliseconds <= latest ? milliseconds : 0;
  const microseconds = Math.floor(bounded * 1000);
  const whole = Math.floor(microseconds / 1000);
  const second = Math.floor(whole / 1000);
  const fraction = (whole - second * 1000) * 1000 + (microseconds % 1000);
  return `${prefixOf(second)}${String(1e6 + fraction).slice(1)}+0000`;
}

const form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})\+0000$/;

/** Milliseconds since the epoch of what `eveTimestamp` wrote; undefined when it is not that. */
export function readEveTimestamp(text: unknown): number | undefined {
  const match = typeof text === "string" ? form.exec(text) : null;
  if (match === null) return undefined;
  const seconds = Date.parse(`${match[1]}Z`);
  return Number.isNaN(seconds) ? undefined : seconds + Number(match[2]) / 1000;
}
