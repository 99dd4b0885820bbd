import type { TableView } from "./table-view.ts";

type Chosen = { readonly kind: "connection"; readonly id: number } | { readonly kind: "group"; readonly key: string };

/** What is selected in a table: it stays with its connection or group, wherever that goes. */
export class TableSelection {
  readonly #view: TableView;
  #chosen: Chosen | undefined;
  /** Its place in the table; -1: nothing is selected. */
  at = -1;

  constructor(view: TableView) {
    this.#view = view;
  }

  /** Finds it again in a table that was made anew; what is gone leaves its place to its neighbour. */
  follow(): void {
    const chosen = this.#chosen;
    if (chosen === undefined) return;
    const at =
      chosen.kind === "connection" ? this.#view.indexOfConnection(chosen.id) : this.#view.indexOfGroup(chosen.key);
    if (at >= 0) this.at = at;
    else this.select(this.at);
  }

  /** Selects what stands at `index`, or nearest to it. */
  select(index: number): void {
    const at = Math.max(0, Math.min(index, this.#view.count - 1));
    const item = this.#view.item(at);
    this.at = item === undefined ? -1 : at;
    this.#chosen =
      item === undefined
        ? undefined
        : item.kind === "connection"
          ? { kind: "connection", id: item.row.id }
          : { kind: "group", key: item.group.key };
  }

  clear(): void {
    this.#chosen = undefined;
    this.at = -1;
  }
}
