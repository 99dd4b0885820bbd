import type { ConnectionRow } from "./connection-row.ts";
import type { ConnectionTable } from "./connection-table.ts";

/**
 * Keeps rows without a socket within bounds, whatever is sent at this machine: beyond them those that came first are
 * evicted, unless they were counted since they were last considered ("second chance").
 */
export class WireRows {
  evicted = 0;
  readonly #table: ConnectionTable;
  readonly #limit: number;
  /** Live rows and their last activity when they were considered, oldest first. */
  readonly #rows = new Map<ConnectionRow, number>();

  constructor(table: ConnectionTable, limit: number) {
    this.#table = table;
    this.#limit = limit;
  }

  add(row: ConnectionRow): void {
    this.#rows.set(row, row.lastActivity);
    if (this.#rows.size > this.#limit) this.#makeRoom();
  }

  /** The row ended, or is a socket's now. */
  remove(row: ConnectionRow): void {
    this.#rows.delete(row);
  }

  /** Frees a sixty-fourth of the room at once: see `dropOldest`. */
  #makeRoom(): void {
    const goal = this.#limit - (this.#limit >> 6) - 1;
    let chances = this.#rows.size;
    for (const [row, considered] of this.#rows) {
      chances--;
      this.#rows.delete(row);
      if (!row.hadSocket && row.position >= 0) {
        // Met again at the end of the very loop, then without mercy.
        if (row.lastActivity > considered && chances >= 0) this.#rows.set(row, row.lastActivity);
        else {
          this.evicted++;
          this.#table.close(row, "evicted", row.lastActivity);
        }
      }
      if (this.#rows.size <= goal) return;
    }
  }
}
