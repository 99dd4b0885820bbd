import { moveBeside } from "./column-order.ts";
import { essential, layoutColumns, type PlacedColumn } from "./column-layout.ts";
import { columnOf, columns, type Column, type ColumnId } from "./columns.ts";

/** How somebody wants the columns; what is absent is as the program has it. */
export interface ColumnChoice {
  /** Columns in this order come first, all others after them in their own order. */
  readonly order?: readonly ColumnId[];
  readonly hidden?: readonly ColumnId[];
  /** Optional columns that are shown. */
  readonly shown?: readonly ColumnId[];
  /** Cells. */
  readonly widths?: Readonly<Partial<Record<ColumnId, number>>>;
}

export const columnIds: readonly ColumnId[] = columns.map(({ id }) => id);

/** A column's name in files: "rx_rate". */
export const columnNameOf = (id: ColumnId): string => id.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export const columnNames: readonly string[] = columnIds.map(columnNameOf);

/** The column that a file names; undefined when there is none. */
export const columnIdOf = (name: string): ColumnId | undefined => columnIds.find((id) => columnNameOf(id) === name);

export const leastColumnWidth = 3;
export const mostColumnWidth = 200;

/** The columns as they are now: order, which are hidden, widths. The first, `process`, cannot be hidden. */
export class ColumnSettings {
  readonly #first: ColumnChoice;
  #order: Column[] = [];
  readonly #hidden = new Set<ColumnId>();
  readonly #widths = new Map<ColumnId, number>();
  #changed = false;

  /** `first` is what `reset` goes back to, `last` how the person left it. */
  constructor(first: ColumnChoice = {}, last?: ColumnChoice) {
    this.#first = first;
    this.#take(first);
    if (last !== undefined) {
      this.#take(last);
      this.#changed = true;
    }
  }

  #take(choice: ColumnChoice): void {
    const order = (choice.order ?? []).map(columnOf);
    this.#order = [...new Set([...order, ...columns])];
    this.#hidden.clear();
    for (const column of columns) if (column.optional === true) this.#hidden.add(column.id);
    for (const id of choice.shown ?? []) this.#hidden.delete(id);
    for (const id of choice.hidden ?? []) if (id !== "process") this.#hidden.add(id);
    this.#widths.clear();
    for (const [id, width] of Object.entries(choice.widths ?? {})) this.setWidth(id as ColumnId, width);
    this.#changed = false;
  }

  get order(): readonly Column[] {
    return this.#order;
  }

  /** Columns that are not hidden; a narrow screen shows fewer. */
  get visible(): readonly Column[] {
    return this.#order.filter(({ id }) => !this.#hidden.has(id));
  }

  isHidden(id: ColumnId): boolean {
    return this.#hidden.has(id);
  }

  /** The width somebody gave the column. */
  width(id: ColumnId): number | undefined {
    return this.#widths.get(id);
  }

  /** The width that the column asks for. */
  preferred(id: ColumnId): number {
    return this.#widths.get(id) ?? columnOf(id).preferred;
  }

  toggle(id: ColumnId): void {
    if (id === "process") return;
    if (!this.#hidden.delete(id)) this.#hidden.add(id);
    this.#changed = true;
  }

  setWidth(id: ColumnId, width: number): void {
    this.#widths.set(id, Math.max(leastColumnWidth, Math.min(mostColumnWidth, Math.round(width))));
    this.#changed = true;
  }

  /** Moves the column over `by` places; false at either end. */
  move(id: ColumnId, by: number): boolean {
    const at = this.#order.findIndex((column) => column.id === id);
    const to = at + by;
    const [column] = at < 0 || to < 0 || to >= this.#order.length ? [] : this.#order.splice(at, 1);
    if (column === undefined) return false;
    this.#order.splice(to, 0, column);
    this.#changed = true;
    return true;
  }

  /** Takes the column to the left of `beside`, or to its right. */
  moveBeside(id: ColumnId, beside: ColumnId, after: boolean): void {
    this.#order = moveBeside(this.#order, id, beside, after);
    this.#changed = true;
  }

  reset(): void {
    this.#take(this.#first);
  }

  /** Where the columns go in `width` cells; `without` are left out this time. */
  layout(width: number, without: ReadonlySet<ColumnId>): PlacedColumn[] {
    const shown = this.visible.filter(({ id }) => !without.has(id));
    return layoutColumns(
      shown.map((column) => this.#sized(column)),
      width,
    );
  }

  /** A column of a chosen width is that wide, or not there; an optional one was asked for, so it comes early. */
  #sized(column: Column): Column {
    const width = this.#widths.get(column.id);
    if (width === undefined && column.optional !== true) return column;
    const { minimum, preferred, maximum, priority } = column;
    return {
      ...column,
      minimum: width ?? minimum,
      preferred: width ?? preferred,
      maximum: width ?? maximum,
      priority: column.optional === true ? essential + priority / 1000 : priority,
    };
  }

  /** What to remember; undefined when everything is as it was configured. */
  choice(): ColumnChoice | undefined {
    if (!this.#changed) return undefined;
    return {
      order: this.#order.map(({ id }) => id),
      hidden: this.#order.filter(({ id, optional }) => optional !== true && this.#hidden.has(id)).map(({ id }) => id),
      shown: this.#order.filter(({ id, optional }) => optional === true && !this.#hidden.has(id)).map(({ id }) => id),
      widths: Object.fromEntries(this.#widths),
    };
  }
}
