import {
  connectionId,
  epochMillis,
  networkNamespace,
  noLosses,
  pid,
  port,
  type Connection,
  type Snapshot,
} from "../../src/model/index.ts";
import {
  createScreen,
  type ExportRequest,
  type ExportResult,
  type Screen,
  type ScreenEngine,
  type ScreenOptions,
} from "../../src/tui/index.ts";
import { FakeNetwork } from "../../src/host/fake/index.ts";
import { HeadlessTerminal, type HeadlessOptions } from "./headless-terminal.ts";

process.env["TZ"] = "UTC";

/** 2026-03-01 12:00:00 UTC. */
export const noon = Date.UTC(2026, 2, 1, 12);

const base: Connection = {
  id: connectionId(1),
  protocolNumber: 6,
  protocol: "TCP",
  local: { address: "10.0.0.5", port: port(40_000) },
  remote: { address: "93.184.216.34", port: port(443) },
  networkNamespace: networkNamespace(0),
  direction: "outbound",
  state: "ESTABLISHED",
  liveliness: "live",
  start: epochMillis(noon - 65_000),
  lastActivity: epochMillis(noon),
  txBytes: 1_000,
  rxBytes: 20_000,
  txPackets: 10,
  rxPackets: 20,
  txRate: 0,
  rxRate: 0,
  txRate10: 0,
  rxRate10: 0,
  txRate60: 0,
  rxRate60: 0,
  quality: {},
  attribution: "socket",
};

export const connection = (id: number, changes: Partial<Connection>): Connection => ({
  ...base,
  id: connectionId(id),
  ...changes,
});

export const owner = (name: string, id: number): NonNullable<Connection["process"]> => ({
  name,
  pid: pid(id),
  start: epochMillis(noon - 3_600_000),
});

/** A browser that downloads, a server's client, and a name look-up that is over. */
export const threeRows: readonly Connection[] = [
  connection(1, {
    process: owner("firefox", 4242),
    hostname: "www.example.org",
    hostnameSource: "sni",
    service: "https",
    application: { name: "tls", by: "payload", facts: { tls: { version: "TLS 1.3", sni: "www.example.org" } } },
    quality: { rtt: 12.34, minRtt: 11, retransmits: 2 },
    rxRate: 12_400_000,
    txRate: 340_000,
    rxBytes: 1_240_000_000,
    txBytes: 34_000_000,
  }),
  connection(2, {
    process: owner("sshd", 901),
    remote: { address: "2001:db8::7", port: port(50_022) },
    local: { address: "2001:db8::1", port: port(22) },
    direction: "inbound",
    service: "ssh",
    application: { name: "ssh", by: "port", facts: {} },
    liveliness: "critical",
    rxRate: 980,
    txRate: 1_240,
  }),
  connection(3, {
    process: owner("curl", 77),
    protocolNumber: 17,
    protocol: "UDP",
    remote: { address: "192.0.2.53", port: port(53) },
    service: "domain",
    state: "CLOSE",
    liveliness: "closed",
    end: epochMillis(noon - 2_000),
    application: { name: "dns", by: "payload", facts: { dns: { queries: [{ rrname: "a.test", rrtype: "A" }] } } },
  }),
];

export function snapshotOf(connections: readonly Connection[], changes: Partial<Snapshot> = {}): Snapshot {
  let [rxRate, txRate, rxBytes, txBytes] = [0, 0, 0, 0];
  for (const row of connections) {
    rxRate += row.rxRate;
    txRate += row.txRate;
    rxBytes += row.rxBytes;
    txBytes += row.txBytes;
  }
  const closed = connections.filter((row) => row.liveliness === "closed").length;
  return {
    time: epochMillis(noon),
    start: epochMillis(noon - 3_725_000),
    tick: 1,
    level: { level: "full", missing: [] },
    losses: noLosses,
    interfaces: [
      {
        index: 2,
        name: "eth0",
        up: true,
        loopback: false,
        addresses: [],
        rxBytes,
        txBytes,
        rxRate,
        txRate,
        rxErrors: 0,
        txErrors: 0,
        rxDropped: 0,
        txDropped: 0,
      },
    ],
    totals: {
      rxRate,
      txRate,
      rxBytes,
      txBytes,
      rxPackets: 1_000,
      txPackets: 500,
      live: connections.length - closed,
      closed,
      opened: connections.length,
      ended: closed,
    },
    rateHistory: { rx: [0, 1000, 6_200_000, rxRate], tx: [0, 0, 170_000, txRate] },
    connections,
    ...changes,
  };
}

export interface Story {
  readonly terminal: HeadlessTerminal;
  readonly screen: Screen;
  readonly engine: ScreenEngine & {
    readonly network: FakeNetwork;
    quits: number;
    clears: number;
    exports: ExportRequest[];
    answer: ExportResult;
  };
  /** Types keys as a terminal sends them, and returns the screen. */
  readonly keys: (text: string) => Promise<string[]>;
  readonly lines: () => Promise<string[]>;
}

/** A screen of `size` ("80x24") with data, ready for keys. */
export function story(
  size: string,
  snapshot: Snapshot | undefined,
  options: ScreenOptions &
    Pick<HeadlessOptions, "colors" | "unicode"> &
    Pick<ScreenEngine, "cost" | "playback" | "knowsCountries"> = {},
): Story {
  const [columns = 80, rows = 24] = size.split("x").map(Number);
  const terminal = new HeadlessTerminal({ columns, rows, ...options });
  const engine = {
    quits: 0,
    clears: 0,
    exports: [] as ExportRequest[],
    answer: { ok: true, path: "/home/me/file", bytes: 1200 } as ExportResult,
    export: (request: ExportRequest) => {
      engine.exports.push(request);
      return Promise.resolve(engine.answer);
    },
    network: new FakeNetwork(),
    ...(options.cost && { cost: options.cost }),
    ...(options.knowsCountries && { knowsCountries: true }),
    vendorOf: (mac: string) => `Maker of ${mac.slice(0, 8)}`,
    quit: () => void engine.quits++,
    clearClosed: () => void engine.clears++,
    ...(options.playback && { playback: options.playback }),
  };
  const screen = createScreen({ terminal, engine, options });
  if (snapshot !== undefined) screen.update(snapshot);
  return {
    terminal,
    screen,
    engine,
    keys: (text) => {
      terminal.type(text);
      return terminal.lines();
    },
    lines: () => terminal.lines(),
  };
}
