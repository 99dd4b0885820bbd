import type { Application, Connection, InterfaceInfo, NetworkState, ProcessInfo, Snapshot } from "../model/index.ts";
import { Aliases } from "./aliases.ts";
import { hidden, scrubAddresses, scrubFact, scrubPath, scrubUnit } from "./scrub.ts";

/** How one field reads when it is hidden. The type makes forgetting a field of the row an error. */
type FieldViews<T> = { readonly [K in keyof T]-?: (row: T, privacy: Privacy) => T[K] | undefined };

const endpoint = (at: Connection["local"], privacy: Privacy): Connection["local"] => ({
  address: privacy.aliases.address(at.address),
  port: at.port,
});

const rowViews: FieldViews<Connection> = {
  id: (row) => row.id,
  protocolNumber: (row) => row.protocolNumber,
  protocol: (row) => row.protocol,
  local: (row, privacy) => endpoint(row.local, privacy),
  remote: (row, privacy) => endpoint(row.remote, privacy),
  networkNamespace: (row) => row.networkNamespace,
  interfaceName: (row, { aliases }) => row.interfaceName && aliases.interface(row.interfaceName),
  direction: (row) => row.direction,
  state: (row) => row.state,
  liveliness: (row) => row.liveliness,
  endReason: (row) => row.endReason,
  start: (row) => row.start,
  lastActivity: (row) => row.lastActivity,
  end: (row) => row.end,
  txBytes: (row) => row.txBytes,
  rxBytes: (row) => row.rxBytes,
  txPackets: (row) => row.txPackets,
  rxPackets: (row) => row.rxPackets,
  txRate: (row) => row.txRate,
  rxRate: (row) => row.rxRate,
  txRate10: (row) => row.txRate10,
  rxRate10: (row) => row.rxRate10,
  txRate60: (row) => row.txRate60,
  rxRate60: (row) => row.rxRate60,
  quality: (row) => row.quality,
  process: (row, privacy) => row.process && privacy.process(row.process),
  attribution: (row) => row.attribution,
  application: (row, privacy) => row.application && privacy.application(row.application),
  service: (row) => row.service,
  hostname: (row, { aliases }) => row.hostname && aliases.host(row.hostname),
  hostnameSource: (row) => row.hostnameSource,
  family: (row) => row.family,
  geo: (row) => row.geo,
  localMac: (row, { aliases }) => row.localMac && aliases.mac(row.localMac),
  remoteMac: (row, { aliases }) => row.remoteMac && aliases.mac(row.remoteMac),
  vlan: (row) => row.vlan,
  translated: (row, { aliases }) => row.translated?.map((tuple) => scrubAddresses(tuple, aliases)),
  tunnel: (row) => row.tunnel,
};

const processViews: FieldViews<ProcessInfo> = {
  pid: (one) => one.pid,
  start: (one) => one.start,
  name: (one, privacy) => privacy.name(one.name),
  executable: (one, { aliases }) => one.executable && scrubPath(one.executable, aliases),
  // Arguments hold names, addresses and secrets of every kind.
  commandLine: (one, { aliases }) =>
    one.commandLine && [
      scrubPath(one.commandLine[0]?.split(/\s/)[0] ?? "", aliases),
      ...(one.commandLine.length > 1 ? [hidden] : []),
    ],
  // Directories are called as people like.
  workingDirectory: (one) => one.workingDirectory && (one.workingDirectory === "/" ? "/" : hidden),
  parent: (one, privacy) => one.parent && { pid: one.parent.pid, name: privacy.name(one.parent.name) },
  ancestors: (one, privacy) => one.ancestors?.map(({ pid, name }) => ({ pid, name: privacy.name(name) })),
  user: (one, privacy) => one.user && privacy.user(one.user),
  groupId: () => undefined,
  cgroupId: (one) => one.cgroupId,
  cgroupPath: (one, { aliases }) => one.cgroupPath && scrubUnit(one.cgroupPath, aliases),
  container: (one) => one.container,
  service: (one, privacy) => one.service && privacy.name(one.service),
  exit: (one) => one.exit,
};

const snapshotViews: FieldViews<Snapshot> = {
  time: (one) => one.time,
  start: (one) => one.start,
  tick: (one) => one.tick,
  level: ({ level: { level, reason, missing } }, { aliases }) => ({
    level,
    ...(reason === undefined ? {} : { reason: scrubAddresses(reason, aliases) }),
    missing: missing.map((text) => scrubAddresses(text, aliases)),
  }),
  losses: (one) => one.losses,
  interfaces: (one, privacy) => one.interfaces.map((item) => privacy.interface(item)),
  totals: (one) => one.totals,
  rateHistory: (one) => one.rateHistory,
  connections: (one, privacy) => one.connections.map((row) => privacy.connection(row)),
};

/** All fields read once: for what does not change after it was made. */
function view<T extends object>(one: T, views: FieldViews<T>, privacy: Privacy): T {
  const out: Partial<Record<keyof T, unknown>> = {};
  for (const name of Object.keys(views) as (keyof T)[]) {
    const value = views[name](one, privacy);
    if (value !== undefined) out[name] = value;
  }
  return out as T;
}

/** A row whose every field is read when it is asked for, through its view. What is behind it cannot be reached from it. */
class RowView {
  readonly #row: Connection;
  readonly #privacy: Privacy;

  constructor(row: Connection, privacy: Privacy) {
    this.#row = row;
    this.#privacy = privacy;
  }

  static {
    for (const name of Object.keys(rowViews) as (keyof Connection)[]) {
      const read = rowViews[name];
      Object.defineProperty(RowView.prototype, name, {
        enumerable: true,
        get(this: RowView) {
          return read(this.#row, this.#privacy);
        },
      });
    }
  }
}

/**
 * Hides who talks to whom: addresses, hardware addresses, host names and users are replaced by aliases, the same one
 * for the same value throughout the run; texts that may hold anything are left out. Ports, protocols, process names,
 * counters and places stay. Everything that shows or writes rows takes them through one object of this.
 */
export class Privacy {
  readonly aliases = new Aliases();
  readonly #rows = new WeakMap<Connection, Connection>();
  readonly #real = new WeakMap<Connection, Connection>();
  readonly #processes = new WeakMap<ProcessInfo, ProcessInfo>();
  readonly #applications = new WeakMap<Application, Application>();

  /** The row as it may be shown. As live as the row itself, and always the same object for it. */
  connection(row: Connection): Connection {
    const known = this.#rows.get(row);
    if (known !== undefined) return known;
    // The fields are on the prototype, which is made from the table below the class.
    const made = new RowView(row, this) as unknown as Connection;
    this.#rows.set(row, made);
    this.#real.set(made, row);
    return made;
  }

  /** The row behind one of `connection`; any other row itself. */
  real(row: Connection): Connection {
    return this.#real.get(row) ?? row;
  }

  snapshot(snapshot: Snapshot): Snapshot {
    return view(snapshot, snapshotViews, this);
  }

  /** The snapshot without its rows: for sums and losses. */
  summary(snapshot: Snapshot): Snapshot {
    return this.snapshot({ ...snapshot, connections: [] });
  }

  process(process: ProcessInfo): ProcessInfo {
    return this.#kept(this.#processes, process, () => {
      // Known before the paths are looked at.
      if (process.user !== undefined) this.user(process.user);
      return view(process, processViews, this);
    });
  }

  /** The name of a process, a unit or a container: as it is, unless it holds an address or tells whose it is. */
  name(name: string): string {
    return scrubUnit(scrubAddresses(name, this.aliases), this.aliases) === name ? name : this.aliases.unit(name);
  }

  network(state: NetworkState): NetworkState {
    const { aliases } = this;
    const named = (name: string | undefined): { interfaceName: string } | object =>
      name === undefined ? {} : { interfaceName: aliases.interface(name) };
    const prefix = (text: string): string => {
      const [address = "", length] = text.split("/");
      return length === undefined ? scrubAddresses(text, aliases) : `${aliases.address(address)}/${length}`;
    };
    return {
      interfaces: state.interfaces.map((one) => ({
        ...one,
        name: aliases.interface(one.name),
        addresses: one.addresses.map(prefix),
        ...(one.mac !== undefined && { mac: aliases.mac(one.mac) }),
      })),
      routes: state.routes.map((one) => ({
        ...one,
        destination: prefix(one.destination),
        ...(one.gateway !== undefined && { gateway: aliases.address(one.gateway) }),
        ...(one.source !== undefined && { source: aliases.address(one.source) }),
        ...named(one.interfaceName),
      })),
      neighbours: state.neighbours.map((one) => ({
        ...one,
        address: aliases.address(one.address),
        ...(one.mac !== undefined && { mac: aliases.mac(one.mac) }),
        ...named(one.interfaceName),
      })),
    };
  }

  /** The number of the alias stands for the id. */
  user(user: NonNullable<ProcessInfo["user"]>): NonNullable<ProcessInfo["user"]> {
    if (user.id === 0) return user;
    const name = this.aliases.userOf(user.id, user.name);
    return { id: Number(name.replace("user-", "")), ...(user.name === undefined ? {} : { name }) };
  }

  application(application: Application): Application {
    return this.#kept(this.#applications, application, () => {
      const { hostname } = application;
      return {
        ...application,
        facts: scrubFact("", application.facts, this.aliases) as Application["facts"],
        ...(hostname === undefined ? {} : { hostname: this.aliases.host(hostname) }),
      };
    });
  }

  interface(one: InterfaceInfo): InterfaceInfo {
    return {
      ...one,
      name: this.aliases.interface(one.name),
      addresses: one.addresses.map((address) => scrubAddresses(address, this.aliases)),
      ...(one.mac === undefined ? {} : { mac: this.aliases.mac(one.mac) }),
    };
  }

  /** The filter that is meant by one in which aliases stand. */
  filter(text: string): string {
    return this.aliases.resolve(text);
  }

  #kept<T extends object>(made: WeakMap<T, T>, one: T, make: () => T): T {
    const known = made.get(one);
    if (known !== undefined) return known;
    const fresh = make();
    made.set(one, fresh);
    return fresh;
  }
}
