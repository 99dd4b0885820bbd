/** What stands for our own drawing characters where a terminal cannot show them. */

const pairs = (table: Readonly<Record<string, string>>): ReadonlyMap<number, string> =>
  new Map(
    Object.entries(table).flatMap(([from, to]) => {
      const shapes = Array.from(to);
      return Array.from(from).map((character, i): [number, string] => [
        character.codePointAt(0) ?? 0,
        shapes[i] ?? "?",
      ]);
    }),
  );

const ascii = pairs({
  "─━│┃╭╮╰╯├└┌┐┘┤┬┴┼": "-=||++++|`+++|+++",
  // Received and sent as iftop and tcpdump's -Q think of them, so that the marks of an order are others.
  "↓↑→←▼▲▾▸●○■□×…·Σµ−": "<>><v^v>*o#ox~.Su-",
  "▁▂▃▄▅▆▇█▀░▒▓": "_.,-=+*#^.:#",
  "–—≤≥≈∞√°“”‘’": "--<>~8v'\"\"''",
  "►║»": ">|>",
});

/** The fonts of the Linux console hold 256 or 512 shapes: those of code page 437 are in all of them (console_codes(4)). */
const linuxConsole = pairs({
  "╭╮╰╯━┃": "┌┐└┘─│",
  "▾▸●○…–—“”‘’": "▼►■o.--\"\"''",
  "▁▂▃▅▆▇": "_▄▄███",
});

const braille = (glyph: number): boolean => glyph >= 0x2800 && glyph < 0x2900;

/** A braille pattern by how many of its dots are set. */
function density(glyph: number, shapes: string): string {
  let dots = 0;
  for (let bits = glyph & 0xff; bits > 0; bits >>= 1) dots += bits & 1;
  return shapes[Math.ceil(dots / 2)] ?? " ";
}

/** One ASCII character for a glyph above it. */
export const asciiShape = (glyph: number): string =>
  braille(glyph) ? density(glyph, " .:*#") : (ascii.get(glyph) ?? "?");

/** The glyph that the Linux console shows for this one; itself where it is likely to have it. */
export const consoleShape = (glyph: number): number =>
  (braille(glyph) ? density(glyph, " ░▒▓█") : linuxConsole.get(glyph))?.codePointAt(0) ?? glyph;
