import { formatCount } from "../../export/index.ts";

/** Kinds that are told one by one: a file can have as many as it wants. */
const kindsAtMost = 20;

/** Counts what a conversion could not carry over, for one line at its end. */
export class LeftOut {
  readonly #counts = new Map<string, number>();

  /** `one` and `many`: "comment", "comments". */
  add(one: string, many: string, count = 1): void {
    const known = this.#counts.size < kindsAtMost || this.#counts.has(`${one}\n${many}`);
    const key = known ? `${one}\n${many}` : "thing of another kind\nthings of other kinds";
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }

  /** "3 comments, 1 block of TLS secrets"; "" when nothing was left out. */
  get text(): string {
    return [...this.#counts]
      .map(([key, count]) => {
        const [one, many] = key.split("\n");
        return `${formatCount(count)} ${count === 1 ? one : many}`;
      })
      .join(", ");
  }
}
