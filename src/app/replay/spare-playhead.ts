import type { SeekTarget } from "../../tui/index.ts";
import type { Playhead } from "./playhead.ts";

/** A step back of a packet is followed by others: so many packets are taken in before one sees a delay. */
const packetsAhead = 16_384;

/** Where to wait for who went back from `from` to `target`: he may do so again. Undefined: the beginning is as near. */
export function placeBefore(target: SeekTarget, from: number): SeekTarget | undefined {
  if (target.kind === "time") {
    const time = target.time - 2 * Math.max(0, from - target.time);
    return time > 0 ? { kind: "time", time } : undefined;
  }
  const packets = target.packets - Math.max(packetsAhead, 2 * (from - target.packets));
  return packets > 0 ? { kind: "packet", packets } : undefined;
}

/** A second playhead that is brought to a place behind the first one while nothing else is to be done. */
export class SparePlayhead {
  readonly head: Playhead;
  readonly #target: SeekTarget;
  /** It is where it is to wait. */
  isThere = false;

  constructor(head: Playhead, target: SeekTarget) {
    this.head = head;
    this.#target = target;
  }

  /** Goes on for as long as `isLate` is false; true: frames must be brought first. */
  advance(isLate: () => boolean): boolean {
    const [time, packets] =
      this.#target.kind === "time" ? [this.#target.time, Infinity] : [Infinity, this.#target.packets];
    const how = this.head.advance(time, packets, isLate);
    this.isThere = how === "reached" || how === "end";
    return how === "wait";
  }
}
