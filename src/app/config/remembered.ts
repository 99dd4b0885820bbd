/** What the screen remembers from one run to the next, as JSON. Read again it is somebody's file: every part is checked. */
import {
  columnIds,
  orderedTables,
  type ColumnChoice,
  type ColumnId,
  type ColumnOrders,
  type Remembered,
} from "../../tui/index.ts";
import { queryLimits } from "../../query/index.ts";

const version = 1;
const mostFilters = 100;
/** Longest text that is written, in characters; the oldest filters are left out until it fits. */
const mostText = 12_000;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const columnsIn = (value: unknown): ColumnId[] | undefined =>
  Array.isArray(value) ? [...new Set(columnIds.filter((id) => value.includes(id)))] : undefined;

/** In the order that the file has, which is the point of it. */
const orderIn = (value: unknown): ColumnId[] | undefined =>
  Array.isArray(value) ? value.flatMap((one) => columnIds.find((id) => id === one) ?? []) : undefined;

function widthsIn(value: unknown): Partial<Record<ColumnId, number>> {
  const widths: Partial<Record<ColumnId, number>> = {};
  if (isRecord(value)) for (const id of columnIds) if (Number.isInteger(value[id])) widths[id] = Number(value[id]);
  return widths;
}

function choiceIn(value: unknown): ColumnChoice | undefined {
  if (!isRecord(value)) return undefined;
  return {
    order: orderIn(value["order"]) ?? [],
    hidden: columnsIn(value["hidden"]) ?? [],
    shown: columnsIn(value["shown"]) ?? [],
    widths: widthsIn(value["widths"]),
  };
}

/** Longest list of columns that is taken, and longest name in it: the tables know which names are theirs. */
const mostColumns = 64;

function ordersIn(value: unknown): ColumnOrders | undefined {
  if (!isRecord(value)) return undefined;
  const orders = orderedTables.flatMap((table) => {
    const list = value[table];
    if (!Array.isArray(list) || list.length > mostColumns) return [];
    return [[table, list.filter((one): one is string => typeof one === "string" && one.length <= mostColumns)]];
  });
  return orders.length === 0 ? undefined : Object.fromEntries(orders);
}

const fingerprint = (configured: ColumnChoice | undefined): string => JSON.stringify(configured ?? {});

/**
 * Reads what `writeRemembered` wrote; whatever is wrong in it counts as not remembered. Columns hold only while the
 * configuration says of columns what it said then: who edits the file wants to see it.
 */
export function readRemembered(text: string, configured: ColumnChoice | undefined): Remembered {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {};
  }
  if (!isRecord(value) || value["version"] !== version) return {};
  const { filters, columns, configuredColumns } = value;
  const orders = ordersIn(value["orders"]);
  const choice = configuredColumns === fingerprint(configured) ? choiceIn(columns) : undefined;
  const known = Array.isArray(filters)
    ? filters.filter((one): one is string => typeof one === "string" && one.length <= queryLimits.characters)
    : [];
  return {
    filters: known.slice(-mostFilters),
    ...(choice === undefined ? {} : { columns: choice }),
    ...(orders === undefined ? {} : { orders }),
  };
}

export function writeRemembered(remembered: Remembered, configured: ColumnChoice | undefined): string {
  const { filters = [], columns, orders } = remembered;
  for (let kept = filters.slice(-mostFilters); ; kept = kept.slice(1)) {
    const text = JSON.stringify({
      version,
      filters: kept,
      ...(columns === undefined ? {} : { columns, configuredColumns: fingerprint(configured) }),
      ...(orders === undefined ? {} : { orders }),
    });
    if (text.length <= mostText || kept.length === 0) return `${text}\n`;
  }
}
