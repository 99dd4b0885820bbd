/** Orders of columns that a person chose, by the columns' ids. */

/** Tables whose columns can be moved but not hidden; the overview's have settings of their own. */
export const orderedTables = ["processes", "interfaces", "routes", "neighbours"] as const;

export type OrderedTable = (typeof orderedTables)[number];

export type ColumnOrders = Readonly<Partial<Record<OrderedTable, readonly string[]>>>;

/** `items` in the order of the names that somebody gave them; those without a name in it follow in their own order. */
export function inOrder<Item extends { readonly id: string }>(
  items: readonly Item[],
  order: readonly string[] | undefined,
): Item[] {
  const first = (order ?? []).flatMap((id) => items.find((item) => item.id === id) ?? []);
  return [...new Set([...first, ...items])];
}

/** `items` with one of them taken to the left of another, or to its right. */
export function moveBeside<Item extends { readonly id: string }>(
  items: readonly Item[],
  id: string,
  beside: string,
  after: boolean,
): Item[] {
  const item = items.find((one) => one.id === id);
  if (item === undefined || id === beside) return [...items];
  const rest = items.filter((one) => one !== item);
  const at = rest.findIndex((one) => one.id === beside);
  if (at < 0) return [...items];
  rest.splice(after ? at + 1 : at, 0, item);
  return rest;
}

/** The ids of `items`; undefined when they stand as they do in `usual`. */
export const changedOrder = (
  items: readonly { readonly id: string }[],
  usual: readonly { readonly id: string }[],
): string[] | undefined =>
  items.every(({ id }, index) => id === usual[index]?.id) ? undefined : items.map(({ id }) => id);
