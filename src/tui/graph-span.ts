/** How much time a graph shows, in seconds: less than the least is noise, beyond the most nothing is kept. */
export const leastSpan = 15;
export const mostSpan = 3600;

const longest = 16;

/** "45 s", "5 min", "1 min 30 s". */
export function formatSpan(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return [minutes > 0 ? `${minutes} min` : "", rest > 0 || minutes === 0 ? `${rest} s` : ""].filter(Boolean).join(" ");
}

/**
 * Seconds of "90", "90s", "5m", "1 min 30 s", "1h" or "2:30" (minutes and seconds), brought into the bounds; undefined for
 * what is none of these.
 */
export function parseSpan(text: string): number | undefined {
  const typed = text.trim().toLowerCase();
  if (typed.length > longest) return undefined;
  const clock = /^(\d{1,3}):([0-5]\d)$/.exec(typed);
  const parts = /^(?:(\d{1,3})\s*h)?\s*(?:(\d{1,4})\s*m(?:in)?)?\s*(?:(\d{1,5})\s*s?)?$/.exec(typed);
  if (typed === "" || (clock === null && parts === null)) return undefined;
  const number = (part: string | undefined): number => Number(part ?? 0);
  const seconds =
    clock !== null
      ? number(clock[1]) * 60 + number(clock[2])
      : number(parts?.[1]) * 3600 + number(parts?.[2]) * 60 + number(parts?.[3]);
  return Math.max(leastSpan, Math.min(mostSpan, seconds));
}
