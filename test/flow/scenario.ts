/**
 * Runs scenario files: events of a fake host in, rows out. One command a line, `#` begins a comment; times are
 * milliseconds after the start. Commands are methods of `Scenario` below; `row` compares the fields it names.
 */
import assert from "node:assert/strict";
import { createFlowEngine, type FlowEngine } from "../../src/flow/index.ts";
import { createFakeHost, type FakeFlow, type FakeHost } from "../../src/host/fake/index.ts";
import {
  epochMillis,
  networkNamespace,
  pid,
  port,
  type Connection,
  type ProcessInfo,
  type Snapshot,
} from "../../src/model/index.ts";
import { buildFrame, encapsulate, type FrameText, type TunnelText } from "./frames.ts";

export const scenarioStart = 1_767_225_600_000;

const protocolNumbers: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, ospf: 89, raw: 253 };
const tcpStates = [
  "",
  "established",
  "syn_sent",
  "syn_recv",
  "fin_wait1",
  "fin_wait2",
  "time_wait",
  "close",
  "close_wait",
  "last_ack",
  "listen",
  "closing",
];

type Options = Readonly<Record<string, string>>;

interface Address {
  readonly address: string;
  readonly port: number;
}

/** "192.0.2.1:80", "[2001:db8::1]:80", "192.0.2.1", or "-" for none. */
function parseEndpoint(text: string): Address {
  if (text === "-") return { address: "", port: 0 };
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text);
  assert.ok(match, `an endpoint is written address:port, not ${text}`);
  return { address: match[1] ?? match[2] ?? "", port: Number(match[3] ?? 0) };
}

function parseOptions(words: readonly string[]): Options {
  return Object.fromEntries(
    words.map((word) => {
      const equals = word.indexOf("=");
      return equals < 0 ? [word, "yes"] : [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}

class Scenario {
  readonly #host: FakeHost;
  readonly #engine: FlowEngine;
  readonly #replays: boolean;
  readonly #flows = new Map<string, FakeFlow>();
  #now = scenarioStart;
  #snapshot: Snapshot | undefined;
  readonly #ended: Connection[] = [];

  constructor(settings: Options) {
    const level = settings["level"] as Snapshot["level"]["level"] | undefined;
    this.#replays = level === "replay";
    this.#host = createFakeHost({
      ...(settings["capacity"] === undefined ? {} : { capacity: Number(settings["capacity"]) }),
      level: { level: level ?? "full", missing: [] },
    });
    this.#engine = createFlowEngine({
      host: this.#host,
      keepClosed: Number(settings["keep"] ?? 5000),
      localAddresses: settings["local"]?.split(",") ?? [],
      services: (protocol, number) => (protocol === "tcp" && number === 443 ? "https" : undefined),
    });
  }

  /** The clock of what follows. */
  at(words: readonly string[]): void {
    this.#now = scenarioStart + Number(words[0]);
  }

  tick(words: readonly string[]): void {
    this.at(words);
    this.#snapshot = this.#engine.tick(epochMillis(this.#now));
    this.#ended.push(...this.#engine.takeEnded());
  }

  /** fork|exec PID name=N [exe=PATH] [start=MS] [parent=PID] · rename PID name=N · exit PID start=MS */
  process(words: readonly string[]): void {
    const [kind, number, ...rest] = words;
    const options = parseOptions(rest);
    const process = processOf(Number(number), options);
    const time = epochMillis(this.#now);
    if (kind === "fork") {
      this.#host.sockets.event({ kind, time, process, parentPid: pid(Number(options["parent"] ?? 1)) });
    } else if (kind === "exec") this.#host.sockets.event({ kind, time, process });
    else if (kind === "rename") this.#host.sockets.event({ kind, time, pid: process.pid, name: process.name });
    else this.#host.sockets.event({ kind: "exit", time, pid: process.pid, start: process.start });
  }

  /** A process the host can look up. */
  running(words: readonly string[]): void {
    const [number, ...rest] = words;
    this.#host.processes.set(processOf(Number(number), parseOptions(rest)));
  }

  /** open ID PROTO LOCAL > REMOTE [pid=N] [owner=NAME] [opener=local|remote] [state=S] [ns=N] [interface=N] */
  open(words: readonly string[]): void {
    const [id, protocol, local, , remote, ...rest] = words;
    const options = parseOptions(rest);
    const from = parseEndpoint(local!);
    const to = parseEndpoint(remote!);
    const time = epochMillis(this.#now);
    const flow = this.#host.sockets.open({
      protocolNumber: protocolNumbers[protocol!]!,
      localAddress: from.address,
      localPort: port(from.port),
      remoteAddress: to.address,
      remotePort: port(to.port),
      start: options["start"] === undefined ? time : epochMillis(scenarioStart + Number(options["start"])),
      lastActivity: time,
      tcpState: protocol === "tcp" ? tcpStates.indexOf(options["state"] ?? "established") : 0,
      opener: options["opener"] === "remote" ? 2 : options["opener"] === "local" ? 1 : 0,
      networkNamespace: networkNamespace(Number(options["ns"] ?? 1)),
      interfaceIndex: Number(options["interface"] ?? 2),
      ownerPid: pid(Number(options["pid"] ?? 0)),
      ownerName: options["owner"] ?? "",
      ownerStamped: time,
      attribution: options["pid"] === undefined ? "none" : "socket",
    });
    if (flow !== undefined) this.#flows.set(id!, flow);
    else assert.equal(options["full"], "yes", `the fake table is full at ${id}`);
  }

  /** count ID [tx=BYTES] [rx=BYTES] [txp=PACKETS] [rxp=PACKETS] */
  count(words: readonly string[]): void {
    const options = parseOptions(words.slice(1));
    this.#flow(words[0]!).count(this.#now, {
      tx: Number(options["tx"] ?? 0),
      rx: Number(options["rx"] ?? 0),
      ...(options["txp"] === undefined ? {} : { txPackets: Number(options["txp"]) }),
      ...(options["rxp"] === undefined ? {} : { rxPackets: Number(options["rxp"]) }),
    });
  }

  /** update ID [state=S] [srtt=MICROSECONDS] [pid=N] */
  update(words: readonly string[]): void {
    const options = parseOptions(words.slice(1));
    this.#flow(words[0]!).update({
      ...(options["state"] === undefined ? {} : { tcpState: tcpStates.indexOf(options["state"]) }),
      ...(options["srtt"] === undefined ? {} : { srtt: Number(options["srtt"]), minRtt: Number(options["srtt"]) / 2 }),
      ...(options["pid"] === undefined
        ? {}
        : { ownerPid: pid(Number(options["pid"])), ownerStamped: epochMillis(this.#now), attribution: "socket" }),
    });
  }

  /** release ID [reset] [state=S] */
  release(words: readonly string[]): void {
    const options = parseOptions(words.slice(1));
    this.#flow(words[0]!).release({
      reset: options["reset"] === "yes",
      ...(options["state"] === undefined ? {} : { tcpState: tcpStates.indexOf(options["state"]) }),
    });
  }

  /** interfaces INDEX:NAME:ADDRESS[,ADDRESS] ... */
  interfaces(words: readonly string[]): void {
    this.#host.interfaces.set(
      ...words.map((word) => {
        const [index, name, ...addresses] = word.split("/");
        return { index: Number(index), name: name!, loopback: name === "lo", addresses };
      }),
    );
  }

  /** nat PROTO SOURCE > DESTINATION as SOURCE > DESTINATION [ended]: one flow before and after translation */
  nat(words: readonly string[]): void {
    const [protocol, source, , destination, , translatedSource, , translatedDestination, ended] = words;
    const before = [parseEndpoint(source!), parseEndpoint(destination!)] as const;
    const after = [parseEndpoint(translatedSource!), parseEndpoint(translatedDestination!)] as const;
    this.#host.translations.push({
      protocolNumber: protocolNumbers[protocol!]!,
      original: {
        source: before[0].address,
        sourcePort: before[0].port,
        destination: before[1].address,
        destinationPort: before[1].port,
      },
      reply: {
        source: after[1].address,
        sourcePort: after[1].port,
        destination: after[0].address,
        destinationPort: after[0].port,
      },
      ended: ended === "ended",
    });
  }

  /**
   * frame PROTO SOURCE > DESTINATION [flags=SA] [seq=N] [ack=N] [payload=BYTES] [fragment=0+] [id=N] [interface=N] [direction=in] [vlan=N]
   * [bytes=HEX] [tunnel=NAME/SOURCE/DESTINATION[/NETWORK]] ... the innermost tunnel first: tunnel, tunnel2
   */
  frame(words: readonly string[]): void {
    const [protocol, source, , destination, ...rest] = words;
    const options = parseOptions(rest);
    const from = parseEndpoint(source!);
    const to = parseEndpoint(destination!);
    const text: FrameText = {
      protocol: protocol as FrameText["protocol"],
      source: from.address,
      sourcePort: from.port,
      destination: to.address,
      destinationPort: to.port,
      payload:
        options["bytes"] === undefined
          ? new Uint8Array(Number(options["payload"] ?? 0))
          : Uint8Array.from(options["bytes"].match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
      sequence: Number(options["seq"] ?? 0),
      acknowledgement: Number(options["ack"] ?? 0),
      id: Number(options["id"] ?? 0),
      ...(options["flags"] === undefined ? {} : { flags: options["flags"] }),
      ...(options["fragment"] === undefined ? {} : { fragment: options["fragment"] }),
    };
    let bytes = buildFrame(text);
    for (const name of ["tunnel", "tunnel2"]) {
      const tunnel = options[name]?.split("/");
      if (tunnel === undefined) continue;
      const [kind, outerSource, outerDestination, network] = tunnel;
      bytes = encapsulate(
        {
          name: kind as TunnelText["name"],
          source: outerSource!,
          destination: outerDestination!,
          network: Number(network ?? 0),
        },
        bytes,
      );
    }
    const fields = {
      time: epochMillis(this.#now),
      bytes,
      linkType: 1,
      interfaceIndex: Number(options["interface"] ?? 2),
      direction: (options["direction"] ?? "unknown") as "in" | "out" | "other" | "unknown",
      vlan: options["vlan"] === undefined ? 0 : 0x10000 | Number(options["vlan"]),
    };
    if (this.#replays) this.#engine.ingestFrame({ ...fields, wireLength: fields.bytes.length });
    else this.#host.wire.pushFrame(fields);
  }

  /** counted PROTO SOURCE > DESTINATION packets=N bytes=N [flags=BITS] [interface=N] [in] */
  counted(words: readonly string[]): void {
    const [protocol, source, , destination, ...rest] = words;
    const options = parseOptions(rest);
    const from = parseEndpoint(source!);
    const to = parseEndpoint(destination!);
    this.#host.wire.pushFlow({
      protocolNumber: protocolNumbers[protocol!]!,
      sourceAddress: from.address,
      sourcePort: port(from.port),
      destinationAddress: to.address,
      destinationPort: port(to.port),
      packets: Number(options["packets"]),
      bytes: Number(options["bytes"]),
      tcpFlags: Number(options["flags"] ?? 0),
      interfaceIndex: Number(options["interface"] ?? 2),
      lastActivity: epochMillis(this.#now),
      transmit: options["in"] === undefined,
    });
  }

  /** countedmac ETHERTYPE SOURCE > DESTINATION packets=N bytes=N */
  countedmac(words: readonly string[]): void {
    const [etherType, sourceAddress, , destinationAddress, ...rest] = words;
    const options = parseOptions(rest);
    this.#host.wire.pushFlow({
      protocolNumber: 0x10000 | Number(etherType),
      sourceAddress: sourceAddress!,
      sourcePort: port(0),
      destinationAddress: destinationAddress!,
      destinationPort: port(0),
      packets: Number(options["packets"]),
      bytes: Number(options["bytes"]),
      lastActivity: epochMillis(this.#now),
      transmit: false,
    });
  }

  close(): void {
    this.#engine.close();
    this.#ended.push(...this.#engine.takeEnded());
  }

  /** expect NAME=VALUE ...: of totals and losses, and `rows`. */
  expect(words: readonly string[]): void {
    const snapshot = this.#snapshot!;
    const facts: Record<string, unknown> = {
      ...snapshot.totals,
      ...snapshot.losses,
      rows: snapshot.connections.length,
      lookups: this.#host.processes.lookups.length,
      free: this.#host.sockets.free(),
    };
    const wanted = parseOptions(words);
    const found = Object.fromEntries(Object.keys(wanted).map((name) => [name, String(facts[name])]));
    assert.deepEqual(found, { ...wanted });
  }

  /** row PROTO LOCAL > REMOTE [FIELD=VALUE ...]: exactly one such row is in the table, and has these values. */
  row(words: readonly string[]): void {
    this.#compare(this.#snapshot!.connections, words);
  }

  /** ended PROTO LOCAL > REMOTE [FIELD=VALUE ...]: exactly one such row was reported as ended. */
  ended(words: readonly string[]): void {
    this.#compare(this.#ended, words);
  }

  /** norow PROTO LOCAL > REMOTE */
  norow(words: readonly string[]): void {
    assert.equal(find(this.#snapshot!.connections, words).length, 0);
  }

  #compare(rows: readonly Connection[], words: readonly string[]): void {
    const wanted = parseOptions(words.slice(4));
    const number = Number(wanted["of"] ?? 1);
    const found = find(rows, words);
    assert.equal(found.length, number, `rows found: ${rows.map(describe).join("; ")}`);
    const row = found[Number(wanted["nth"] ?? 1) - 1]!;
    const { of: _, nth: __, ...fields } = wanted;
    const values = Object.fromEntries(Object.keys(fields).map((name) => [name, value(row, name)]));
    assert.deepEqual(values, { ...fields });
  }

  #flow(id: string): FakeFlow {
    const flow = this.#flows.get(id);
    assert.ok(flow, `no flow was opened as ${id}`);
    return flow;
  }
}

function processOf(number: number, options: Options): ProcessInfo {
  return {
    pid: pid(number),
    start: epochMillis(options["start"] === undefined ? 0 : scenarioStart + Number(options["start"])),
    name: options["name"] ?? "",
    ...(options["exe"] === undefined ? {} : { executable: options["exe"] }),
    ...(options["parent"] === undefined ? {} : { parent: { pid: pid(Number(options["parent"])), name: "" } }),
  };
}

const address = ({ address, port }: Address): string =>
  address === "" ? "-" : address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;

const describe = (row: Connection): string =>
  `${row.protocol} ${address(row.local)} > ${address(row.remote)} ${row.liveliness}`;

function find(rows: readonly Connection[], words: readonly string[]): Connection[] {
  const [protocol, local, , remote] = words;
  const withPort = (text: string): string => address(parseEndpoint(text));
  return rows
    .filter((row) => row.protocol.toLowerCase() === protocol)
    .filter((row) => address(row.local) === withPort(local!) && address(row.remote) === withPort(remote!))
    .toSorted((left, right) => left.id - right.id);
}

function value(row: Connection, name: string): string {
  const relative = (time: number | undefined): string => (time === undefined ? "none" : String(time - scenarioStart));
  switch (name) {
    case "tx":
      return String(row.txBytes);
    case "rx":
      return String(row.rxBytes);
    case "process":
      return row.process?.name ?? "none";
    case "exe":
      return row.process?.executable ?? "none";
    case "reason":
      return row.endReason ?? "none";
    case "start":
    case "end":
    case "lastActivity":
      return relative(row[name]);
    case "app":
      return row.application === undefined ? "none" : `${row.application.name}/${row.application.by}`;
    case "rtt":
      return String(row.quality.rtt ?? "none");
    case "translated":
      return (row.translated ?? []).join("|").replaceAll(" ", "") || "none";
    default: {
      const found: unknown = row[name as keyof Connection];
      return typeof found === "string" || typeof found === "number" ? String(found) : "none";
    }
  }
}

/** Runs the commands of a scenario; a failure names the line. */
export function runScenario(text: string): void {
  let scenario: Scenario | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const words = line.replace(/#.*$/, "").trim().split(/\s+/);
    const command = words.shift()!;
    if (command === "") continue;
    if (command === "host") {
      scenario = new Scenario(parseOptions(words));
      continue;
    }
    scenario ??= new Scenario({});
    try {
      run(scenario, command, words);
    } catch (error) {
      if (error instanceof Error) error.message = `line ${index + 1}: ${line.trim()}\n${error.message}`;
      throw error;
    }
  }
}

const commands = [
  "at",
  "tick",
  "process",
  "running",
  "open",
  "count",
  "update",
  "release",
  "interfaces",
  "nat",
  "frame",
  "counted",
  "countedmac",
  "close",
  "expect",
  "row",
  "ended",
  "norow",
] as const;

function run(scenario: Scenario, command: string, words: readonly string[]): void {
  const known = commands.find((name) => name === command);
  assert.ok(known, `no such command: ${command}`);
  scenario[known](words);
}
