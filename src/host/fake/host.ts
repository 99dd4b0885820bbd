import { FakeNetwork } from "./network.ts";
import type {
  Host,
  InterfaceInfo,
  InterfaceSource,
  LevelReport,
  Pid,
  ProcessInfo,
  ProcessSource,
} from "../../model/index.ts";
import { noInterfaceCounters } from "../../model/index.ts";
import { FakeSocketPlane } from "./socket-plane.ts";
import { FakeTranslations, FakeWirePlane } from "./wire-plane.ts";

/** Processes that a script says are there; counts how often each was looked up. */
export class FakeProcesses implements ProcessSource {
  readonly lookups: number[] = [];
  readonly #known = new Map<number, ProcessInfo>();

  set(process: ProcessInfo): void {
    this.#known.set(process.pid, process);
  }

  remove(pid: number): void {
    this.#known.delete(pid);
  }

  lookup(pid: Pid): ProcessInfo | undefined {
    this.lookups.push(pid);
    return this.#known.get(pid);
  }
}

/** Interfaces that a script sets, by index. */
export class FakeInterfaces implements InterfaceSource {
  reads = 0;
  #interfaces: readonly InterfaceInfo[] = [];

  set(...interfaces: readonly Partial<InterfaceInfo>[]): void {
    this.#interfaces = interfaces.map((fields) => ({ ...defaultInterface, ...fields }));
  }

  read(): readonly InterfaceInfo[] {
    this.reads += 1;
    return this.#interfaces;
  }
}

const defaultInterface: InterfaceInfo = {
  index: 2,
  name: "eth0",
  up: true,
  loopback: false,
  addresses: ["192.0.2.10"],
  ...noInterfaceCounters,
};

/** A host whose every fact is scripted. */
export interface FakeHost extends Host {
  readonly sockets: FakeSocketPlane;
  readonly wire: FakeWirePlane;
  readonly translations: FakeTranslations;
  readonly processes: FakeProcesses;
  readonly interfaces: FakeInterfaces;
  readonly network: FakeNetwork;
}

export interface FakeHostOptions {
  /** Places in the socket table; 262,144 when absent. */
  readonly capacity?: number;
  readonly level?: LevelReport;
}

/** Makes a quiet host with one interface (`eth0`, 192.0.2.10) and no flow. */
export function createFakeHost(options: FakeHostOptions = {}): FakeHost {
  const sockets = new FakeSocketPlane(options.capacity ?? 1 << 18);
  const wire = new FakeWirePlane();
  const translations = new FakeTranslations();
  const interfaces = new FakeInterfaces();
  interfaces.set({});
  return {
    level: options.level ?? { level: "full", missing: [] },
    sockets,
    wire,
    translations,
    processes: new FakeProcesses(),
    interfaces,
    network: new FakeNetwork(),
    close() {
      sockets.close();
      wire.close();
      translations.close();
    },
  };
}
