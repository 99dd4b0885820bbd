/** The name nearest to what was typed (begun so, or at most a third of it mistyped), or undefined. */
export function closestName(typed: string, names: readonly string[]): string | undefined {
  const beginning = typed.length < 3 ? undefined : names.find((name) => name.startsWith(typed));
  if (beginning !== undefined) return beginning;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(typed.slice(0, 64), name);
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
}

/** Edits to get from `a` to `b`; two swapped neighbours count as one (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      current.push(cost);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length]!;
}
