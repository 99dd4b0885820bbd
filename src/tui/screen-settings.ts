import type { ColumnOrders } from "./column-order.ts";
import type { ColumnChoice } from "./column-settings.ts";
import type { ColumnId } from "./columns.ts";
import type { Grouping } from "./grouping.ts";

/** How one interface is shown. */
export interface InterfaceSettings {
  /** In the place of the name. */
  readonly label?: string;
  readonly hidden?: boolean;
}

/** How the screen begins, and what `r` goes back to. What is absent is as the program has it. */
export interface ScreenSettings {
  readonly columns?: ColumnChoice;
  readonly sort?: ColumnId;
  /** As the column's kind suggests when absent: numbers from the largest, texts from A. */
  readonly descending?: boolean;
  readonly grouping?: Grouping;
  readonly closed?: boolean;
  readonly names?: boolean;
  readonly services?: boolean;
  readonly sidebar?: boolean;
  /** Round trip times (milliseconds) from which on one is slow, and bad. */
  readonly rttStale?: number;
  readonly rttCritical?: number;
  readonly interfaces?: Readonly<Record<string, InterfaceSettings>>;
}

/** What is kept from one run to the next. */
export interface Remembered {
  readonly columns?: ColumnChoice;
  /** Orders of the columns of the other tables, by ids. */
  readonly orders?: ColumnOrders;
  /** Filters that were applied, newest last. */
  readonly filters?: readonly string[];
}
