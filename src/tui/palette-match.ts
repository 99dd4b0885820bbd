/**
 * How well the letters of `query` stand in `text` in their order; undefined when they do not. Beginnings of words and
 * letters side by side count more. Both are compared without case; spaces in the query are passed over.
 */
export function fuzzyScore(query: string, text: string): number | undefined {
  const wanted = Array.from(query.toLowerCase().replace(/\s+/gu, ""));
  const letters = Array.from(text.toLowerCase());
  let score = 0;
  let from = 0;
  let before = -2;
  for (const letter of wanted) {
    const at = bestPlace(letters, letter, from, before);
    if (at < 0) return undefined;
    score += at === before + 1 ? 8 : beginsWord(letters, at) ? 6 : 1;
    score -= Math.min(4, at - from) * 0.25;
    before = at;
    from = at + 1;
  }
  return score - letters.length * 0.01;
}

const beginsWord = (letters: readonly string[], at: number): boolean =>
  at === 0 || !/[\p{L}\p{N}]/u.test(letters[at - 1] ?? "");

/** The next letter in a row if there is one, else the next at the beginning of a word, else the next. */
function bestPlace(letters: readonly string[], letter: string, from: number, before: number): number {
  const first = letters.indexOf(letter, from);
  if (first < 0 || first === before + 1) return first;
  for (let at = first; at >= 0; at = letters.indexOf(letter, at + 1)) if (beginsWord(letters, at)) return at;
  return first;
}
