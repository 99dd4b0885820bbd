import type { Column } from "./columns.ts";

/** A column with the place the layout gave it. */
export interface PlacedColumn {
  readonly column: Column;
  readonly x: number;
  readonly width: number;
}

/** Columns up to this priority are shown if they fit at all; the others only where they crowd nothing better. */
export const essential = 5;

/** The columns that are worth their room in `width` cells, in their order. */
function chooseColumns(all: readonly Column[], width: number): Column[] {
  const chosen = new Set<Column>();
  let taken = -1;
  let comfortable = -1;
  for (const column of all.toSorted((a, b) => a.priority - b.priority)) {
    const before = column.priority <= essential ? taken : comfortable;
    if (chosen.size > 0 && before + 1 + column.minimum > width) {
      // A narrow one that matters may fit where a wide one does not.
      if (column.priority <= essential) continue;
      break;
    }
    chosen.add(column);
    taken += column.minimum + 1;
    comfortable += column.preferred + 1;
  }
  return all.filter((column) => chosen.has(column));
}

/**
 * Places columns into `width` cells with one cell between them: the least important are left out when they do not
 * fit, what is left over brings the most important to their preferred width, then all that can use it, evenly.
 */
export function layoutColumns(all: readonly Column[], width: number): PlacedColumn[] {
  const chosen = chooseColumns(all, width);
  const widths = chosen.map((column) => Math.min(column.minimum, Math.max(0, width)));
  const taken = widths.reduce((sum, one) => sum + one + 1, -1);
  growColumns(chosen, widths, Math.max(0, width - taken));
  let x = 0;
  return chosen.map((column, i) => {
    const placed = { column, x, width: widths[i] ?? 0 };
    x += placed.width + 1;
    return placed;
  });
}

function growColumns(chosen: readonly Column[], widths: number[], room: number): void {
  let left = room;
  const places = Array.from(chosen.keys());
  for (const i of places.toSorted((a, b) => (chosen[a]?.priority ?? 0) - (chosen[b]?.priority ?? 0))) {
    const grown = Math.max(0, Math.min(left, (chosen[i]?.preferred ?? 0) - (widths[i] ?? 0)));
    widths[i] = (widths[i] ?? 0) + grown;
    left -= grown;
  }
  for (let growing = true; left > 0 && growing;) {
    growing = false;
    for (const i of places) {
      if (left === 0 || (widths[i] ?? 0) >= (chosen[i]?.maximum ?? 0)) continue;
      widths[i] = (widths[i] ?? 0) + 1;
      left--;
      growing = true;
    }
  }
}
