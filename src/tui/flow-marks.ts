import type { Connection, Snapshot } from "../model/index.ts";
import { copyConnection } from "./freeze.ts";

/** Connections that can be marked: as many as a graph has colours. */
export const mostMarkedFlows = 8;

/** Connections that somebody marked for graphs, in the order of the marks; kept when they leave the table. */
export class FlowMarks {
  readonly #marked = new Map<number, Connection>();

  get size(): number {
    return this.#marked.size;
  }

  get rows(): readonly Connection[] {
    return [...this.#marked.values()];
  }

  has(id: number): boolean {
    return this.#marked.has(id);
  }

  /**
   * Marks a row, or takes its mark away; false: there are too many. Marks of connections that are gone from `snapshot`
   * make room.
   */
  toggle(row: Connection, snapshot: Snapshot | undefined): boolean {
    if (this.#marked.delete(row.id)) return true;
    if (this.#marked.size >= mostMarkedFlows && !this.#forgetGone(snapshot?.connections ?? [])) return false;
    this.#marked.set(row.id, copyConnection(row));
    return true;
  }

  #forgetGone(connections: readonly Connection[]): boolean {
    const gone = new Set<number>(this.#marked.keys());
    for (const { id } of connections) gone.delete(id);
    const [oldest] = gone;
    return oldest !== undefined && this.#marked.delete(oldest);
  }

  clear(): void {
    this.#marked.clear();
  }
}
