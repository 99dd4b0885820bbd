import type { PlaybackState, SeekTarget } from "./playback.ts";

/** What can be typed, for the dialog. */
export const seekExamples = "12:03:04  +30s  -5m  #1200  50%";

const units: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["", 1000],
  ["m", 60_000],
  ["min", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

const number = String.raw`(?:\d{1,12}(?:\.\d{1,9})?|\.\d{1,9})`;
const durationPart = new RegExp(`(${number})(ms|min|[smhd]|)`, "y");
const timeOfDay = /^(?:(\d{4}-\d{2}-\d{2})[T ]+)?(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/i;

/** "90", "1h30m", "250ms" in milliseconds; undefined: it is none. */
function duration(text: string): number | undefined {
  let sum = 0;
  durationPart.lastIndex = 0;
  for (let at = 0; at < text.length; at = durationPart.lastIndex) {
    durationPart.lastIndex = at;
    const match = durationPart.exec(text);
    if (match === null) return undefined;
    sum += Number(match[1]) * (units.get(match[2] ?? "") ?? Number.NaN);
    // A number without its unit is seconds, and stands alone or last.
    if (match[2] === "" && durationPart.lastIndex < text.length) return undefined;
  }
  return text === "" || !Number.isFinite(sum) ? undefined : sum;
}

/** A time of the calendar, or of the day that is nearest to where the file stands; undefined: not in the file. */
function calendar(match: RegExpExecArray, { begin, clock, length, position }: PlaybackState): number | undefined {
  if (begin === undefined) return undefined;
  const [, date, hours, minutes, seconds = "0", fraction = "", zone = ""] = match;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const two = (text: string | undefined): string => (text ?? "0").padStart(2, "0");
  const end = begin + length;
  // The file is asked about to the second: the one that its last packet came in belongs to it.
  const isInside = (time: number): boolean => time >= begin - 1000 && time <= end + 1000;
  const at = (day: string): number =>
    Date.parse(`${day}T${two(hours)}:${two(minutes)}:${two(seconds)}${fraction}${zone.toUpperCase()}`);
  if (date !== undefined) return isInside(at(date)) ? at(date) - begin : undefined;
  const now = clock ?? begin + position;
  let best: number | undefined;
  // The file stands inside of itself: what is further away than the next of them is further away than one that is in it.
  for (const days of [-1, 0, 1]) {
    // By the calendar: a day on which clocks are changed is longer or shorter than others.
    const day = new Date(now);
    day.setDate(day.getDate() + days);
    const time = at(`${day.getFullYear()}-${two(String(day.getMonth() + 1))}-${two(String(day.getDate()))}`);
    if (isInside(time) && (best === undefined || Math.abs(time - now) < Math.abs(best - now))) best = time;
  }
  return best === undefined ? undefined : best - begin;
}

/** The place that a person means; undefined: no place, or none of this file. */
export function parseSeek(text: string, state: PlaybackState): SeekTarget | undefined {
  const clean = text.trim().toLowerCase();
  const time = (value: number | undefined): SeekTarget | undefined =>
    value === undefined || !Number.isFinite(value) ? undefined : { kind: "time", time: Math.max(0, value) };
  const packet = /^([+-]?)#(\d{1,15})$/.exec(clean.replaceAll(",", ""));
  if (packet !== null) {
    const count = Number(packet[2]);
    const packets = packet[1] === "" ? count : state.packets + (packet[1] === "-" ? -count : count);
    return { kind: "packet", packets: Math.max(0, packets) };
  }
  const share = /^(\d{1,3}(?:\.\d{1,9})?) ?%$/.exec(clean);
  if (share !== null) return Number(share[1]) <= 100 ? time((Number(share[1]) / 100) * state.length) : undefined;
  const clock = timeOfDay.exec(clean);
  if (clock !== null) return time(calendar(clock, state));
  const relative = /^[+-]/.test(clean);
  const span = duration(clean.slice(relative ? 1 : 0).replaceAll(" ", ""));
  if (span === undefined) return undefined;
  return time(relative ? state.position + (clean.startsWith("-") ? -span : span) : span);
}
