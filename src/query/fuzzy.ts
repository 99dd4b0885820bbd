import { fold } from "./fold.ts";

/** Shorter words are in everything. */
const least = 4;
/** Texts that are longer are no names: in a command line any letters are found in order. */
const longest = 64;

/** Letters and digits, folded, and whatever is beyond ASCII. */
const isLetter = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code >= 0x80;

/**
 * Tests whether the characters of `needle` (folded) stand in a text in this order, beginning at the beginning of a word
 * and within twice as many characters: "frfx" is in "firefox", "gthb" in "www.github.com". Allocates nothing. Undefined
 * where the needle is too short to mean something.
 */
export function fuzzyTest(needle: string): ((text: string) => boolean) | undefined {
  if (needle.length < least || needle.length > longest / 2) return undefined;
  const first = needle.charCodeAt(0);
  return (text) => {
    if (text.length > longest) return false;
    let inWord = false;
    for (let start = 0; start + needle.length <= text.length; start++) {
      const code = fold(text.charCodeAt(start));
      if (code === first && !inWord && standsAt(text, needle, start)) return true;
      inWord = isLetter(code);
    }
    return false;
  };
}

function standsAt(text: string, needle: string, start: number): boolean {
  const end = Math.min(text.length, start + needle.length * 2);
  let matched = 0;
  for (let at = start; at < end; at++) {
    if (fold(text.charCodeAt(at)) === needle.charCodeAt(matched) && ++matched === needle.length) return true;
  }
  return false;
}
