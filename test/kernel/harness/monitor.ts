/** Runs `bin/socklens --json` and keeps what it said: DESIGN section 6 is the contract read here. */
import { join } from "node:path";
import type { Namespace } from "./network.ts";
import { until } from "../../until.ts";
import { Task } from "./task.ts";

/** A flow record as far as the kernel tests look at it. */
export interface FlowRecord {
  readonly timestamp: string;
  readonly event_type: string;
  readonly in_iface?: string;
  readonly flow_id?: number | string;
  readonly proto: string;
  readonly src_ip?: string;
  readonly src_port?: number;
  readonly dest_ip?: string;
  readonly dest_port?: number;
  readonly app_proto?: string;
  readonly attribution?: string;
  readonly direction?: string;
  readonly hostname?: string;
  readonly hostname_source?: string;
  readonly network_namespace?: number;
  readonly flow: {
    readonly pkts_toserver: number;
    readonly pkts_toclient: number;
    readonly bytes_toserver: number;
    readonly bytes_toclient: number;
    readonly start: string;
    readonly end?: string;
    readonly state?: string;
    readonly reason?: string;
  };
  readonly process?: {
    readonly pid: number;
    readonly start?: string;
    readonly name?: string;
    readonly executable?: string;
    readonly command_line?: string | readonly string[];
    readonly parent?: { readonly pid: number; readonly name?: string };
    readonly user?: { readonly id: number; readonly name?: string };
    readonly container?: { readonly id: string };
  };
  readonly tls?: { readonly sni?: string; readonly version?: string };
  readonly http?: { readonly hostname?: string };
  readonly dns?: { readonly queries?: readonly { readonly rrname: string; readonly rrtype: string }[] };
  readonly ssh?: { readonly client?: { readonly software_version: string } };
}

/** What one record added to what was known of its flow. */
export interface Credit {
  readonly record: FlowRecord;
  readonly packetsToServer: number;
  readonly packetsToClient: number;
  readonly bytesToServer: number;
  readonly bytesToClient: number;
}

/** The program under test: this checkout's, or an installed one. */
export const executable: string =
  process.env["SOCKLENS_EXECUTABLE"] ?? join(import.meta.dirname, "..", "..", "..", "bin", "socklens");

export interface MonitorOptions {
  readonly arguments?: readonly string[];
  readonly namespace?: Namespace;
  readonly interval?: number;
  /** Flows of other namespaces are passed over: the same test may run beside this one, with the same addresses and programs. */
  readonly within?: readonly Namespace[];
  /** Wraps the command line, inside the namespace: a bench's account. */
  readonly prefix?: (command: readonly string[]) => readonly string[];
}

export class Monitor {
  readonly task: Task;
  /** The last record of each flow. */
  readonly flows = new Map<string, FlowRecord>();
  readonly credits: Credit[] = [];
  /** The newest record of type `stats`. */
  stats: Readonly<Record<string, unknown>> | undefined;
  /** How many bursts of records have come: each is one interval. */
  intervals = 0;
  readonly #malformed: string[] = [];
  readonly #within: Set<number> | undefined;
  #taken = 0;
  #intervalOf = "";

  private constructor(options: MonitorOptions) {
    const plain = [executable, "--json", "--interval", String(options.interval ?? 1), ...(options.arguments ?? [])];
    const command = options.prefix?.(plain) ?? plain;
    this.#within = options.within === undefined ? undefined : new Set(options.within.map(({ cookie }) => cookie));
    this.task = new Task(options.namespace?.command(command) ?? command);
  }

  /** Starts it and returns as soon as it says anything: from then on it counts. */
  static async start(options: MonitorOptions = {}): Promise<Monitor> {
    const monitor = new Monitor(options);
    const spoke = await until(() => monitor.take() > 0 || monitor.task.status !== undefined, 30_000, 20);
    if (!spoke || monitor.task.status !== undefined) {
      await monitor.task.stop("SIGKILL");
      throw new Error(`socklens did not start: ${monitor.task.describe()}`);
    }
    return monitor;
  }

  /** Flows of another namespace are the test's own as well. */
  include(...namespaces: readonly Namespace[]): void {
    for (const { cookie } of namespaces) this.#within?.add(cookie);
  }

  /** Reads the lines that have come; returns how many records are known. */
  take(): number {
    const end = this.task.stdout.lastIndexOf("\n") + 1;
    if (end > 0) {
      for (const line of this.task.stdout.slice(0, end).split("\n")) if (line !== "") this.#line(line);
      this.task.stdout = this.task.stdout.slice(end);
    }
    return this.#taken;
  }

  #line(line: string): void {
    let record: FlowRecord;
    try {
      record = JSON.parse(line) as FlowRecord;
    } catch {
      this.#malformed.push(line.slice(0, 200));
      return;
    }
    this.#taken++;
    if (record.event_type === "stats") {
      this.stats = record as unknown as Readonly<Record<string, unknown>>;
      this.intervals++;
    }
    if (record.event_type !== "flow") return;
    if (this.stats === undefined && record.timestamp !== this.#intervalOf) {
      this.#intervalOf = record.timestamp;
      this.intervals++;
    }
    const { network_namespace: namespace } = record;
    if (namespace !== undefined && this.#within?.has(namespace) === false) return;
    const key = keyOf(record);
    const before = this.flows.get(key)?.flow;
    this.flows.set(key, record);
    this.credits.push({
      record,
      packetsToServer: record.flow.pkts_toserver - (before?.pkts_toserver ?? 0),
      packetsToClient: record.flow.pkts_toclient - (before?.pkts_toclient ?? 0),
      bytesToServer: record.flow.bytes_toserver - (before?.bytes_toserver ?? 0),
      bytesToClient: record.flow.bytes_toclient - (before?.bytes_toclient ?? 0),
    });
  }

  /** Waits until `condition` holds of what has been said; false when it did not before the deadline. */
  async when(condition: () => boolean, deadline = 60_000): Promise<boolean> {
    return until(
      () => {
        this.take();
        return condition() || this.task.status !== undefined;
      },
      deadline,
      50,
    ).then(() => condition());
  }

  /** Waits for the first flow record that matches. */
  async flow(condition: (record: FlowRecord) => boolean, what: string, deadline = 60_000): Promise<FlowRecord> {
    let found: FlowRecord | undefined;
    await this.when(() => (found = [...this.flows.values()].find(condition)) !== undefined, deadline);
    if (found === undefined) throw new Error(`no record of ${what}; ${this.describe()}`);
    return found;
  }

  /** Waits for the end of the interval that runs. */
  async nextInterval(): Promise<void> {
    const seen = this.intervals;
    await this.when(() => this.intervals > seen, 60_000);
  }

  /** Waits for two more intervals: what has happened by now has been said, also when a record was under way. */
  async settle(): Promise<void> {
    const seen = this.intervals;
    await this.when(() => this.intervals >= seen + 2, 60_000);
  }

  /** Ends it by SIGINT and reads the rest. Throws unless it ended well and every line was JSON. */
  async stop(): Promise<void> {
    const status = await this.task.stop("SIGINT", 30_000);
    this.take();
    if (this.task.stdout !== "") this.#line(this.task.stdout);
    if (this.#malformed.length > 0) throw new Error(`not JSON: ${this.#malformed.slice(0, 3).join("\n")}`);
    if (status !== 0) throw new Error(`socklens ended with ${status}: ${this.task.stderr.slice(-1000)}`);
  }

  /** The newest flows, for messages. */
  describe(condition: (record: FlowRecord) => boolean = () => true): string {
    const all = [...this.flows.values()].filter(condition);
    const lines = all.slice(-12).map(describeFlow);
    return `${all.length} flows${all.length > 12 ? ", the last of them" : ""}:\n  ${lines.join("\n  ")}`;
  }
}

/** What a flow is known by from record to record. Both ends of one connection may be on this machine. */
function keyOf(record: FlowRecord): string {
  if (record.flow_id !== undefined) return String(record.flow_id);
  const { proto, src_ip, src_port, dest_ip, dest_port } = record;
  return [proto, src_ip, src_port, dest_ip, dest_port, record.flow.start, record.process?.pid ?? 0].join("|");
}

export function describeFlow(record: FlowRecord): string {
  const { flow, process } = record;
  const owner = process === undefined ? "nobody" : `${process.name} ${process.pid} ${process.executable ?? "?"}`;
  return (
    `${record.proto} ${record.src_ip}:${record.src_port ?? ""} > ${record.dest_ip}:${record.dest_port ?? ""} ` +
    `${flow.bytes_toserver}/${flow.bytes_toclient} bytes ${flow.state ?? ""} ${owner} (${record.attribution ?? "?"})`
  );
}
