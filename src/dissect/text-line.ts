/** Lines of the text protocols, ended by LF or CR LF. */
import { asciiText, escapeControls, hasAsciiAtIgnoringCase, indexOfByte } from "../bytes/index.ts";
import type { Likeness } from "./verdict.ts";

const lineFeed = 0x0a;
const maxLine = 1024;

/** Offset behind the line that starts at `start` (its LF included), or -1 when it is not all there. */
export function nextLine(bytes: Uint8Array, start: number): number {
  const feed = indexOfByte(bytes, lineFeed, start);
  return feed < 0 ? -1 : feed + 1;
}

/** The line that starts at `start` as printable text, without its end; as far as it is there. */
export function lineText(bytes: Uint8Array, start: number, maximum: number = maxLine): string {
  const feed = indexOfByte(bytes, lineFeed, start, start + maximum);
  return escapeControls(asciiText(bytes, start, feed < 0 ? bytes.length : feed, maximum).trimEnd());
}

/** Whether all bytes of `[start, end)` are printable ASCII, tabs or line ends. */
export function isPrintable(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < Math.min(end, bytes.length); at++) {
    const byte = bytes[at]!;
    if (byte > 0x7e || (byte < 0x20 && byte !== 0x09 && byte !== lineFeed && byte !== 0x0d)) return false;
  }
  return true;
}

/**
 * Whether the bytes begin with one of `words` (ASCII, in any case): "more" while they are the beginning of one.
 * A word stands with what must follow it, such as its space.
 */
export function startsWithWord(bytes: Uint8Array, words: readonly string[]): Likeness {
  let begun: Likeness = "no";
  for (const word of words) {
    const length = Math.min(word.length, bytes.length);
    if (!hasAsciiAtIgnoringCase(bytes, 0, length === word.length ? word : word.slice(0, length))) continue;
    if (length === word.length) return "yes";
    begun = "more";
  }
  return begun;
}

/** What a probe says of bytes that fit so far: "no" when nothing can follow. */
export function undecided(last: boolean): Likeness {
  return last ? "no" : "more";
}
