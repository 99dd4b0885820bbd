/** Compacted when it holds this many places beside those in use. */
const slack = 1024;

/**
 * Things in the order they came, any of which may leave at any time: adding and removing cost the same however many
 * there are, and nothing is allocated for one. Each thing keeps its ticket, which `place` hands to it and changes when the
 * queue is compacted.
 */
export class ArrivalQueue<Item extends object> {
  /** How many things are in it. */
  size = 0;
  readonly #place: (item: Item, ticket: number) => void;
  #items: (Item | undefined)[] = [];
  /** Nothing stands before this place. */
  #head = 0;

  constructor(place: (item: Item, ticket: number) => void) {
    this.#place = place;
  }

  /** Puts `item`, which is not in it, behind all others. */
  add(item: Item): void {
    if (this.#items.length > (this.size + slack) * 2) this.#compact();
    this.size++;
    this.#place(item, this.#items.push(item) - 1);
  }

  /** Takes out what has this ticket. */
  remove(ticket: number): void {
    if (this.#items[ticket] === undefined) return;
    this.#items[ticket] = undefined;
    this.size--;
  }

  /** What came first; undefined when it is empty. */
  get oldest(): Item | undefined {
    if (this.size === 0) return undefined;
    while (this.#items[this.#head] === undefined) this.#head++;
    return this.#items[this.#head];
  }

  #compact(): void {
    const items: Item[] = [];
    for (const item of this.#items) if (item !== undefined) this.#place(item, items.push(item) - 1);
    this.#items = items;
    this.#head = 0;
  }
}
