/** Flow records on their way from one file into another: JSON, one a line (docs/FORMAT.md). */
import { readFlowFields, readFields } from "../../export/index.ts";
import type { Pseudonyms } from "../../redact/index.ts";
import type { FlowSelection } from "./flow-selection.ts";
import { redactFlowFields } from "./record-redaction.ts";

/** What becomes of records. */
export interface RecordChanges {
  /** How many files are put together: each has numbers of its own for its flows. */
  readonly sources: number;
  readonly selection?: FlowSelection;
  readonly pseudonyms?: Pseudonyms;
}

const largestNumber = 0xffff_ffff;

/** Numbers of flows in the new file: those of several files, and of several sections of one, do not meet. */
class FlowNumbers {
  readonly #sources: number;
  /** What is added to the numbers of each file's current section, and the largest number met in it. */
  readonly #bases: number[];
  readonly #largest: number[];

  constructor(sources: number) {
    this.#sources = sources;
    this.#bases = Array.from({ length: sources }, () => 0);
    this.#largest = Array.from({ length: sources }, () => 0);
  }

  beginSection(source: number): void {
    this.#bases[source] = this.#largest[source]!;
  }

  /** 0: not known, or there is no number left. */
  of(source: number, flow: number): number {
    if (flow === 0) return 0;
    const number = flow + this.#bases[source]!;
    if (number > this.#largest[source]!) this.#largest[source] = number;
    const among = number * this.#sources + source;
    return among > largestNumber ? 0 : among;
  }

  /** Numbers stay what they are. */
  get areKept(): boolean {
    return this.#sources === 1 && this.#bases[0] === 0;
  }
}

export class RecordCopier {
  readonly #changes: RecordChanges;
  readonly #numbers: FlowNumbers;

  constructor(changes: RecordChanges) {
    this.#changes = changes;
    this.#numbers = new FlowNumbers(changes.sources);
  }

  /** The numbers of flows of `source` begin anew. */
  beginSection(source: number): void {
    this.#numbers.beginSection(source);
  }

  /** The new number of a flow of the file `source`; 0: none. */
  flowNumber(source: number, flow: number): number {
    return this.#numbers.of(source, flow);
  }

  /** The lines of a block of records as they are to be written. */
  lines(source: number, text: Uint8Array): string[] {
    return Buffer.from(text.buffer, text.byteOffset, text.length)
      .toString("utf8")
      .split("\n")
      .flatMap((one) => (one === "" ? [] : (this.line(source, one) ?? [])));
  }

  /** The line as it is to be written, without its end; undefined: it is left out, or no flow record. */
  line(source: number, text: string): string | undefined {
    const { selection, pseudonyms } = this.#changes;
    const fields = readFields(text);
    if (fields === undefined || fields["event_type"] !== "flow") return undefined;
    const id = fields["flow_id"];
    const number = typeof id === "number" && Number.isInteger(id) && id > 0 ? this.#numbers.of(source, id) : 0;
    if (selection !== undefined) {
      const flow = readFlowFields(fields);
      if (flow === undefined || !selection.hasTuple(flow.protocol, flow.source, flow.destination)) return undefined;
    }
    if (pseudonyms === undefined && this.#numbers.areKept) return text;
    const renumbered = number === 0 ? fields : { ...fields, flow_id: number };
    return JSON.stringify(pseudonyms === undefined ? renumbered : redactFlowFields(renumbered, pseudonyms));
  }
}
