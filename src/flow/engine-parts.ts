import type { ConnectionRow } from "./connection-row.ts";
import type { ConnectionTable } from "./connection-table.ts";
import type { Inspection } from "./inspection.ts";
import type { InterfaceTable } from "./interface-table.ts";
import type { ProcessTable } from "./process-table.ts";
import type { RecordedFlows } from "./recorded-flows.ts";
import type { RowNames } from "./row-names.ts";
import type { Translations } from "./translations.ts";

/** Name of the service that a port is registered for; undefined when it has none. */
export interface ServiceLookup {
  (protocol: string, port: number): string | undefined;
}

/** Names the service of a row by its ports: the server's first, if it is known. */
export class Services {
  readonly #lookup: ServiceLookup | undefined;
  /** What was looked up, by protocol and port: at most 65,535 for each of the few protocols with ports. */
  readonly #found = new Map<number, string | undefined>();

  constructor(lookup: ServiceLookup | undefined) {
    this.#lookup = lookup;
  }

  name(row: ConnectionRow): void {
    if (this.#lookup === undefined) return;
    const listening = row.remote.address === "";
    const server = row.localIsClient && !listening ? row.remote : row.local;
    const client = server === row.remote ? row.local : row.remote;
    const known = this.#find(row, server.port);
    // Who is the server is only certain with a direction.
    const guessed = row.direction === "unknown" ? this.#find(row, client.port) : undefined;
    const name = known ?? guessed;
    if (name !== undefined) row.service = name;
  }

  #find(row: ConnectionRow, port: number): string | undefined {
    if (port === 0 || this.#lookup === undefined) return undefined;
    const key = row.protocolNumber * 65_536 + port;
    let found = this.#found.get(key);
    if (found === undefined && !this.#found.has(key)) {
      found = this.#lookup(row.protocol.toLowerCase(), port);
      this.#found.set(key, found);
    }
    return found;
  }
}

/** What is known of a flow before it has a row. */
export interface AdmissionFacts {
  readonly protocolNumber: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Name of its interface; undefined when that is not one of this network namespace, or not known. */
  readonly interfaceName: string | undefined;
}

/** Decides which flows there are to be; what it refuses has no row and counts in no sum. */
export interface Admission {
  (facts: AdmissionFacts): boolean;
}

/** What both planes work with. */
export interface EngineParts {
  readonly table: ConnectionTable;
  readonly processes: ProcessTable;
  readonly names: RowNames;
  readonly inspection: Inspection;
  readonly translations: Translations;
  readonly interfaces: InterfaceTable;
  readonly services: Services;
  /** What a recording says of its flows; absent where nothing is replayed. */
  readonly recorded: RecordedFlows | undefined;
  /** Absent: all. */
  readonly admits: Admission | undefined;
}
