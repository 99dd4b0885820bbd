import {
  Aggregator,
  createCsvWriter,
  type CsvWriter,
  type ExportRecord,
  flowRecord,
  jsonLine,
  plainAggregates,
  plainFlows,
  plainStatus,
  statsRecord,
} from "../export/index.ts";
import type { Connection, Snapshot } from "../model/index.ts";
import { Privacy } from "../privacy/index.ts";
import type { OutputOptions } from "./cli/index.ts";
import type { Output } from "./output.ts";

/** Bytes that may wait for a slow reader before final records are dropped, and before interval records pause. */
export const waitingLimits = { records: 32 * 1024 * 1024, intervals: 256 * 1024 } as const;

/** Rows that ended since the last table, kept to be shown in it; in a run with one table, at its end, more. */
const endedShown = { interval: 5000, run: 200_000 } as const;
/** Text is handed over in pieces of about this many characters. */
const piece = 64 * 1024;

/**
 * What a headless run writes: records of flows as they end, more each interval, the rest at the end. Independent of
 * where the flows come from and of the clock. Never holds more than `waitingLimits` for a slow reader.
 */
export class Report {
  readonly #options: OutputOptions;
  /** A row as it may be written: filters are about rows as they are, everything that is written goes through this. */
  readonly #view: (connection: Connection) => Connection;
  /** The same for what is not about one row. */
  readonly #summary: (snapshot: Snapshot) => Snapshot;
  readonly #output: Output;
  readonly #csv: CsvWriter | undefined;
  readonly #aggregator: Aggregator | undefined;
  readonly #active = new Set<Connection>();
  #ended: Connection[] = [];
  #begun = false;
  #tickMillis: number | undefined;
  #dropped = 0;
  /** Lines of an interval that the reader has not had room for yet. */
  #pending: Iterator<string> | undefined;
  #pumping = false;

  constructor(options: OutputOptions, output: Output) {
    this.#options = options;
    this.#output = output;
    const privacy = options.private === true ? new Privacy() : undefined;
    this.#view = (connection) => privacy?.connection(connection) ?? connection;
    this.#summary = (snapshot) => privacy?.summary(snapshot) ?? snapshot;
    this.#csv = options.format === "csv" ? createCsvWriter(options.by === "flow" ? "flow" : "aggregate") : undefined;
    this.#aggregator = options.by === "flow" ? undefined : new Aggregator(options.by);
  }

  /** Writes what stands before all records; not before there is something to tell. */
  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    if (this.#csv !== undefined) this.#output.write(this.#end(this.#csv.header));
  }

  /** Records not written because the reader was too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  /** RFC 4180 ends lines with CRLF. */
  #end(line: string): string {
    return this.#csv === undefined ? `${line}\n` : `${line}\r\n`;
  }

  #line(record: ExportRecord): string {
    return this.#end(this.#csv === undefined ? jsonLine(record) : this.#csv.line(record));
  }

  #wanted(connection: Connection, now: number): boolean {
    return connection.state !== "LISTEN" && (this.#options.filter?.predicate(connection, now) ?? true);
  }

  /**
   * Takes what a tick brought: flows that ended, each once, and flows whose counters changed. `tickMillis`: how long the
   * engine took for it; absent in replay, whose output must not depend on the machine.
   */
  tick(snapshot: Snapshot, ended: readonly Connection[], changed: readonly Connection[], tickMillis?: number): void {
    this.#begin();
    this.#tickMillis = tickMillis;
    const now = snapshot.time;
    let text = "";
    for (const connection of ended) {
      this.#active.delete(connection);
      if (!this.#wanted(connection, now)) continue;
      if (this.#aggregator !== undefined) this.#aggregator.ended(this.#view(connection));
      else if (this.#options.format === "plain") this.#keepEnded(connection);
      else text = this.#hand(text, this.#line(flowRecord(this.#view(connection), now)));
    }
    this.#output.write(text);
    const follow = this.#options.interval !== undefined && this.#options.format !== "plain";
    if (follow && this.#aggregator === undefined) for (const connection of changed) this.#active.add(connection);
  }

  #keepEnded(connection: Connection): void {
    const most = this.#options.interval === undefined ? endedShown.run : endedShown.interval;
    if (this.#ended.length >= most) this.#dropped++;
    else this.#ended.push(connection);
  }

  /** Adds `line` to `text`, writing that when it is long; drops it when too much waits. */
  #hand(text: string, line: string): string {
    if (this.#output.waiting + text.length > waitingLimits.records) {
      this.#dropped++;
      return text;
    }
    if (text.length < piece) return text + line;
    this.#output.write(text);
    return line;
  }

  /** Writes what an interval asks for: active flows, sums or a table, and the statistics. */
  interval(snapshot: Snapshot): void {
    const lines = this.#intervalLines(snapshot);
    if (this.#pending !== undefined) {
      // The reader has not taken the interval before: this one is left out.
      for (const line of lines) if (line !== "") this.#dropped++;
    } else {
      this.#pending = lines[Symbol.iterator]();
      void this.#pump();
    }
    this.#active.clear();
    this.#ended = [];
    if (this.#options.format !== "plain")
      this.#output.write(this.#line(statsRecord(this.#summary(snapshot), this.#dropped, this.#tickMillis)));
  }

  /** Writes pending lines as the reader takes them. */
  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#pending !== undefined) {
      if (this.#output.ended !== undefined) this.#pending = undefined;
      else if (this.#output.waiting > waitingLimits.intervals) await this.#output.drained();
      else this.#writePiece(this.#pending);
    }
    this.#pumping = false;
  }

  #writePiece(lines: Iterator<string>): void {
    let text = "";
    while (text.length < piece) {
      const next = lines.next();
      if (next.done === true) {
        this.#pending = undefined;
        break;
      }
      text += next.value;
    }
    this.#output.write(text);
  }

  #intervalLines(snapshot: Snapshot): Iterable<string> {
    if (this.#options.format === "plain") return this.#table(snapshot).map((line) => this.#end(line));
    if (this.#aggregator !== undefined) return this.#sums(snapshot).map((record) => this.#line(record));
    return this.#flows(snapshot.time, [...this.#active]);
  }

  *#flows(now: number, connections: Iterable<Connection>): Generator<string> {
    for (const connection of connections) {
      if (connection.liveliness === "closed" || !this.#wanted(connection, now)) continue;
      yield this.#line(flowRecord(this.#view(connection), now));
    }
  }

  /** Last records of the flows that were alive, once `close` has told the table that the run is over. */
  *#lastFlows(snapshot: Snapshot, close: () => void): Generator<string> {
    const states = new Map(this.#live(snapshot).map((connection) => [connection, connection.state]));
    close();
    for (const [connection, before] of states)
      yield this.#line(flowRecord(this.#view(connection), snapshot.time, { before }));
  }

  #live(snapshot: Snapshot): Connection[] {
    return snapshot.connections.filter((c) => c.liveliness !== "closed" && this.#wanted(c, snapshot.time));
  }

  #sums(snapshot: Snapshot): ReturnType<Aggregator["records"]> {
    return this.#aggregator?.records(this.#live(snapshot).map(this.#view), snapshot.time) ?? [];
  }

  #table(snapshot: Snapshot): readonly string[] {
    const { by } = this.#options;
    const { width } = this.#output;
    const body =
      by === "flow"
        ? plainFlows([...this.#live(snapshot), ...this.#ended].map(this.#view), width)
        : plainAggregates(by, this.#sums(snapshot), width);
    return [plainStatus(this.#summary(snapshot), this.#dropped), ...body, ""];
  }

  /**
   * Writes the last records and waits until the reader has them. `fresh`: an interval was just written, so that a table or
   * sums would be the same again. `close` ends the flows that live. Resolves early when the reader is gone.
   */
  async finish(snapshot: Snapshot, fresh: boolean, close: () => void): Promise<void> {
    // An interval that is still waiting for the reader comes first.
    while (this.#pumping) await this.#output.drained();
    const { format, by } = this.#options;
    const flows = format !== "plain" && by === "flow";
    if (flows || !fresh) {
      const lines = flows ? this.#lastFlows(snapshot, close) : this.#intervalLines(snapshot);
      this.#pending = lines[Symbol.iterator]();
      await this.#pump();
      if (format !== "plain")
        this.#output.write(this.#line(statsRecord(this.#summary(snapshot), this.#dropped, this.#tickMillis)));
    }
    await this.#output.drained();
  }
}
