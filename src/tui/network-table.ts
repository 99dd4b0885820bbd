import { changedOrder, inOrder, moveBeside, type OrderedTable } from "./column-order.ts";
import { HeadingDrag, type PlacedHeading } from "./heading-drag.ts";
import type { MouseEvent } from "./input-parser.ts";
import { fitColumns, type NetworkColumn } from "./network-tables.ts";
import { drawRight, type Paint } from "./widgets/paint.ts";
import { drawHeading } from "./widgets/table.ts";

/** One of the tables of the network tab: which columns, in which order, and what rows are sorted by. */
export class NetworkTable<Row> {
  readonly id: OrderedTable;
  readonly #usual: readonly NetworkColumn<Row>[];
  readonly #heading = new HeadingDrag<string>();
  #columns: NetworkColumn<Row>[];
  /** Those that fit, and where their headings were drawn. */
  #shown: NetworkColumn<Row>[] = [];
  #headings: PlacedHeading<string>[] = [];
  /** Undefined: in the kernel's order. */
  #sort: NetworkColumn<Row> | undefined;
  #descending = false;

  constructor(id: OrderedTable, columns: readonly NetworkColumn<Row>[], order: readonly string[] | undefined) {
    this.id = id;
    this.#usual = columns;
    this.#columns = inOrder(columns, order);
  }

  /** Ids of the columns; undefined when they stand where they always do. */
  get order(): readonly string[] | undefined {
    return changedOrder(this.#columns, this.#usual);
  }

  get columns(): readonly NetworkColumn<Row>[] {
    return this.#columns;
  }

  reset(): void {
    this.#columns = [...this.#usual];
    this.#sort = undefined;
    this.#descending = false;
  }

  fit(width: number): void {
    this.#shown = fitColumns(this.#columns, width);
  }

  sorted(rows: readonly Row[], now: number): readonly Row[] {
    const by = this.#sort;
    if (by === undefined) return rows;
    const sign = this.#descending ? -1 : 1;
    const of = by.order ?? ((row: Row): string => by.text(row, now).toLowerCase());
    const keyed = rows.map((row, index) => ({ row, key: of(row), index }));
    return keyed
      .sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : a.index - b.index))
      .map(({ row }) => row);
  }

  /** By the next column that is shown; after the last one in the kernel's order again. */
  sortNext(): void {
    const at = this.#shown.findIndex(({ id }) => id === this.#sort?.id);
    this.#sortBy(this.#shown[this.#sort === undefined ? 0 : at + 1]);
  }

  reverse(): void {
    this.#descending = !this.#descending;
    this.#sort ??= this.#shown[0];
  }

  /** The same column again turns the order around. Numbers are looked at from the largest, texts from A. */
  #sortBy(by: NetworkColumn<Row> | undefined): void {
    this.#descending = by !== undefined && by.id === this.#sort?.id ? !this.#descending : by?.align === "right";
    this.#sort = by;
  }

  drawHeadings(paint: Paint, x: number, y: number): void {
    const { styles, messages, hits } = paint;
    this.#headings = [];
    let next = x;
    for (const one of this.#shown) {
      const sorted = one.id === this.#sort?.id;
      const mark = sorted ? (this.#descending ? "▼" : "▲") : "";
      const style = sorted ? styles.headingSorted : styles.heading;
      const place = { x: next, y, width: one.width, height: 1 };
      drawHeading(paint, place, one.align ?? "left", messages[one.title], mark, style);
      this.#headings.push({ id: one.id, x: next, width: one.width });
      const target = { kind: "heading", table: this.id, id: one.id } as const;
      hits.push({ x: next, y, width: one.width, height: 1, target });
      next += one.width + 1;
    }
    this.#heading.draw(paint, y, this.#headings);
  }

  drawRow(paint: Paint, x: number, y: number, row: Row, now: number): void {
    const { buffer, styles } = paint;
    let next = x;
    for (const { text, style, align, width } of this.#shown) {
      const look = style?.(row, styles) ?? styles.text;
      if (align === "right") drawRight(paint, next, y, width, text(row, now), look);
      else buffer.text(next, y, text(row, now), look, width, "end");
      next += width + 1;
    }
  }

  press(id: string, event: MouseEvent): void {
    this.#heading.press(id, event);
  }

  drag(event: MouseEvent | undefined): void {
    const action = this.#heading.follow(event, this.#headings);
    if (action?.kind === "click") this.#sortBy(this.#columns.find(({ id }) => id === action.id));
    else if (action?.kind === "move") {
      this.#columns = moveBeside(this.#columns, action.id, action.beside, action.after);
    }
  }
}
