/** Something that asks to be looked at again. */
export interface Timed {
  /** Second (since the epoch) of the check that counts, -1: none. Belongs to the wheel. */
  checkAt: number;
}

const slots = 2048;

/**
 * Brings things back at a second that they asked for. Scheduling and firing cost the same however many wait. Each thing
 * has at most one check that counts; one that was overtaken by an earlier one is dropped when its turn comes.
 */
export class TimerWheel<Item extends Timed> {
  readonly #slots: Item[][] = Array.from({ length: slots }, () => []);
  /** The next second to be looked at; -1 before the first `advance`. */
  #second = -1;
  /** How far the slot of `#second` was worked off, when a budget ran out in it. */
  #position = 0;
  #advancing = false;
  /** Things of the slot in work whose time is a later round of the wheel. */
  #later: Item[] = [];

  /** Asks for a check at `second`, or at the next one when that is past. An earlier check that is due stays. */
  schedule(item: Item, second: number): void {
    // What is asked for while a slot is worked off never comes into that slot: it would not end.
    const at = Math.max(Math.ceil(second), this.#advancing ? this.#second + 1 : this.#second);
    if (item.checkAt >= 0 && item.checkAt <= at) return;
    item.checkAt = at;
    this.#slots[at % slots]!.push(item);
  }

  cancel(item: Item): void {
    item.checkAt = -1;
  }

  /** Goes on from an earlier second. What waits for a later one goes on waiting for it. */
  rewind(second: number): void {
    if (second < this.#second) this.#jump(second);
  }

  /**
   * Calls `check` for what is due at `second` or before, at most `budget` of them: the rest comes with the next call.
   * `check` may schedule again.
   */
  advance(second: number, budget: number, check: (item: Item) => void): void {
    if (this.#second < 0) this.#second = second;
    // After a long pause every slot is due; going round more than once would find nothing.
    if (second - this.#second > slots) this.#jump(second - slots);
    this.#advancing = true;
    this.#workOff(second, budget, check);
    this.#advancing = false;
  }

  /** Goes on from another second; what is left of the slot in work waits there. */
  #jump(second: number): void {
    const place = this.#second % slots;
    const left = this.#slots[place]!.slice(this.#position);
    for (const item of this.#later) left.push(item);
    this.#slots[place] = left;
    this.#later = [];
    this.#position = 0;
    this.#second = second;
  }

  #workOff(second: number, budget: number, check: (item: Item) => void): void {
    let left = budget;
    while (this.#second <= second) {
      const slot = this.#slots[this.#second % slots]!;
      while (this.#position < slot.length) {
        if (left === 0) return;
        const item = slot[this.#position++]!;
        left -= this.#fire(item, second, check) ? 1 : 0;
      }
      this.#slots[this.#second % slots] = this.#later;
      slot.length = 0;
      this.#later = slot;
      this.#position = 0;
      this.#second++;
    }
  }

  #fire(item: Item, second: number, check: (item: Item) => void): boolean {
    if (item.checkAt < 0 || item.checkAt % slots !== this.#second % slots) return false;
    if (item.checkAt > second) {
      // Further away than the wheel is round.
      this.#later.push(item);
      return false;
    }
    item.checkAt = -1;
    check(item);
    return true;
  }
}
