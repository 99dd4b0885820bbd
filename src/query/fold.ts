/**
 * Case folding by code unit, without allocation: `fold(code)` is the lower case of a code unit where that is one code
 * unit, else the unit itself. Enough for names and hosts; full Unicode folding would change lengths.
 */
let table: Uint16Array | undefined;

function buildTable(): Uint16Array {
  const built = new Uint16Array(0x10000);
  for (let code = 0; code < built.length; code++) {
    const lower = String.fromCharCode(code).toLowerCase();
    built[code] = lower.length === 1 ? lower.charCodeAt(0) : code;
  }
  return built;
}

export function fold(code: number): number {
  if (code < 0x80) return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
  table ??= buildTable();
  return table[code] ?? code;
}

/** Each code unit of `text` folded; the same length. */
export function foldText(text: string): string {
  let out = "";
  for (let index = 0; index < text.length; index++) out += String.fromCharCode(fold(text.charCodeAt(index)));
  return out;
}

/** True when `text` contains `folded` (already folded) in any case. */
export function containsFolded(text: string, folded: string): boolean {
  if (folded.length === 0 || text.includes(folded)) return true;
  const first = folded.charCodeAt(0);
  const last = text.length - folded.length;
  for (let start = 0; start <= last; start++) {
    if (fold(text.charCodeAt(start)) === first && foldedAt(text, folded, start)) return true;
  }
  return false;
}

/** True when `text` equals `folded` (already folded) in any case. */
export const equalsFolded = (text: string, folded: string): boolean =>
  text.length === folded.length && (text === folded || foldedAt(text, folded, 0));

function foldedAt(text: string, folded: string, start: number): boolean {
  for (let index = 0; index < folded.length; index++) {
    if (fold(text.charCodeAt(start + index)) !== folded.charCodeAt(index)) return false;
  }
  return true;
}
