import { ArrivalQueue } from "./arrival-queue.ts";
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
  /** Live rows, oldest first, and by their tickets the last activity of each when it was considered. */
  readonly #rows = new ArrivalQueue<ConnectionRow>((row, ticket) => {
    this.#considered[ticket] = row.wireTicket < 0 ? row.lastActivity : this.#considered[row.wireTicket]!;
    row.wireTicket = ticket;
  });
  readonly #considered: number[] = [];

  constructor(table: ConnectionTable, limit: number) {
    this.#table = table;
    this.#limit = limit;
  }

  add(row: ConnectionRow): void {
    this.remove(row);
    this.#rows.add(row);
    if (this.#rows.size > this.#limit) this.#makeRoom();
  }

  /** The row ended, or is a socket's now. */
  remove(row: ConnectionRow): void {
    if (row.wireTicket < 0) return;
    this.#rows.remove(row.wireTicket);
    row.wireTicket = -1;
  }

  /** Frees a sixty-fourth of the room at once: see `dropOldest`. */
  #makeRoom(): void {
    const goal = this.#limit - (this.#limit >> 6) - 1;
    let chances = this.#rows.size;
    for (let row = this.#rows.oldest; row !== undefined && this.#rows.size > goal; row = this.#rows.oldest) {
      chances--;
      const considered = this.#considered[row.wireTicket]!;
      this.remove(row);
      if (row.hadSocket || row.position < 0) continue;
      // Met again at the end of the very loop, then without mercy.
      if (row.lastActivity > considered && chances >= 0) this.#rows.add(row);
      else {
        this.evicted++;
        this.#table.close(row, "evicted", row.lastActivity);
      }
    }
  }
}
