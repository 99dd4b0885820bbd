/**
 * Stable natural merge sort of the first `count` numbers of `items`: as many comparisons as numbers when they are in
 * order already, few passes when little moved. `scratch` is as long as `items`. `inOrder(a, b)`: a may stand before b.
 */
export function mergeSort(
  items: Uint32Array,
  scratch: Uint32Array,
  count: number,
  inOrder: (a: number, b: number) => boolean,
): void {
  let from = items;
  let to = scratch;
  for (;;) {
    let merged = false;
    let start = 0;
    while (start < count) {
      const middle = runEnd(from, start, count, inOrder);
      if (middle === count) {
        if (start === 0) break;
        to.set(from.subarray(start, count), start);
        start = count;
        break;
      }
      const end = runEnd(from, middle, count, inOrder);
      merge(from, to, start, middle, end, inOrder);
      merged = true;
      start = end;
    }
    if (!merged) break;
    const swap = from;
    from = to;
    to = swap;
  }
  if (from !== items) items.set(from.subarray(0, count));
}

function runEnd(items: Uint32Array, start: number, count: number, inOrder: (a: number, b: number) => boolean): number {
  let end = start + 1;
  while (end < count && inOrder(items[end - 1] ?? 0, items[end] ?? 0)) end++;
  return Math.min(end, count);
}

function merge(
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  end: number,
  inOrder: (a: number, b: number) => boolean,
): void {
  let left = start;
  let right = middle;
  for (let at = start; at < end; at++) {
    if (left < middle && (right >= end || inOrder(from[left] ?? 0, from[right] ?? 0))) to[at] = from[left++] ?? 0;
    else to[at] = from[right++] ?? 0;
  }
}
