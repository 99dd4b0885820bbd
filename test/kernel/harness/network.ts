/**
 * Network namespaces of one test file: made with names of their own, joined by veth pairs or a bridge, and removed with
 * everything in them when the file is done, fails, or (by the next run) was killed.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt, run } from "./run.ts";

const prefix = "socklens-test";

/** One network namespace with the addresses it got. */
export class Namespace {
  readonly name: string;
  /** Its IPv4 and IPv6 address on the first link. */
  ipv4 = "";
  ipv6 = "";
  #cookie: number | undefined;

  constructor(name: string) {
    this.name = name;
    run(["ip", "netns", "add", name]);
    this.ip("link", "set", "lo", "up");
    this.run("sysctl", "-q", "-w", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0");
  }

  /** The command that runs `command` in here. `nsenter` execs it, so the pid is the program's own. */
  command(command: readonly string[]): string[] {
    return ["nsenter", `--net=/run/netns/${this.name}`, ...command];
  }

  run(...command: readonly string[]): string {
    return run(this.command(command));
  }

  ip(...command: readonly string[]): void {
    run(["ip", "-n", this.name, ...command]);
  }

  /** What the kernel calls it (SO_NETNS_COOKIE), and a record's `network_namespace` says. */
  get cookie(): number {
    const ask =
      "import socket, struct; print(*struct.unpack('Q', socket.socket().getsockopt(socket.SOL_SOCKET, 71, 8)))";
    this.#cookie ??= Number(this.run("python3", "-c", ask));
    return this.#cookie;
  }

  /** Loads an nftables script in here. */
  tables(script: string): void {
    run(this.command(["nft", "-f", "-"]), script);
  }

  /** Hardware address of a link in here. */
  hardwareAddress(link: string): string {
    const text = this.run("ip", "-j", "link", "show", "dev", link);
    return (JSON.parse(text) as { address: string }[])[0]?.address ?? "";
  }

  /** Bytes and packets a link has received and sent, as its driver counts them: Ethernet headers included. */
  linkCounters(link: string): { rxBytes: number; rxPackets: number; txBytes: number; txPackets: number } {
    interface Side {
      bytes: number;
      packets: number;
    }
    const [entry] = JSON.parse(this.run("ip", "-j", "-s", "link", "show", "dev", link)) as {
      stats64: { rx: Side; tx: Side };
    }[];
    if (entry === undefined) throw new Error(`no link ${link} in ${this.name}`);
    const { rx, tx } = entry.stats64;
    return { rxBytes: rx.bytes, rxPackets: rx.packets, txBytes: tx.bytes, txPackets: tx.packets };
  }
}

/** The namespaces of a test file and a directory for its files. Call `remove` in `after`. */
export class Network {
  readonly id = randomBytes(3).toString("hex");
  readonly directory: string;
  readonly #namespaces: Namespace[] = [];
  readonly #onExit = (): void => {
    this.remove();
  };

  constructor() {
    sweep();
    this.directory = mkdtempSync(join(tmpdir(), `${prefix}-`));
    process.once("exit", this.#onExit);
  }

  namespace(role: string): Namespace {
    const made = new Namespace(`${prefix}-${process.pid}-${this.id}-${role}`);
    this.#namespaces.push(made);
    return made;
  }

  /**
   * Joins two namespaces by a veth pair, `left` with 10.NET.0.1 and fd00:NET::1, `right` with .2. Segmentation offload
   * is off unless asked for, so that every counter on the receiving side counts what a wire would carry.
   */
  join(left: Namespace, right: Namespace, net: number, offload = false): { left: string; right: string } {
    const names = { left: `to-${net}-right`, right: `to-${net}-left` };
    left.ip("link", "add", names.left, "type", "veth", "peer", "name", names.right, "netns", right.name);
    this.#address(left, names.left, net, 1, offload);
    this.#address(right, names.right, net, 2, offload);
    // Known neighbours: a datagram dropped while an address is being resolved was sent but never arrives.
    const macs = { left: left.hardwareAddress(names.left), right: right.hardwareAddress(names.right) };
    for (const [namespace, link, host, mac] of [
      [left, names.left, 2, macs.right],
      [right, names.right, 1, macs.left],
    ] as const) {
      for (const address of [`10.${net}.0.${host}`, `fd00:${net}::${host}`]) {
        namespace.ip("neighbour", "replace", address, "lladdr", mac, "dev", link, "nud", "permanent");
      }
    }
    return names;
  }

  #address(namespace: Namespace, link: string, net: number, host: number, offload: boolean): void {
    namespace.ip("address", "add", `10.${net}.0.${host}/24`, "dev", link);
    namespace.ip("-6", "address", "add", `fd00:${net}::${host}/64`, "dev", link, "nodad");
    namespace.ip("link", "set", link, "up");
    if (!offload) withoutOffload(namespace, link);
    if (namespace.ipv4 === "") {
      namespace.ipv4 = `10.${net}.0.${host}`;
      namespace.ipv6 = `fd00:${net}::${host}`;
    }
  }

  remove(): void {
    process.removeListener("exit", this.#onExit);
    for (const namespace of this.#namespaces.splice(0)) removeNamespace(namespace.name);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Turns every kind of segmentation and aggregation off on a link. */
export function withoutOffload(namespace: Namespace, link: string): void {
  namespace.run("ethtool", "-K", link, "tso", "off", "gso", "off", "gro", "off", "tx-udp-segmentation", "off");
}

function removeNamespace(name: string): void {
  attempt(["ip", "netns", "delete", name]);
}

/** Removes what runs that were killed have left behind: namespaces whose process is no more. */
function sweep(): void {
  if (!existsSync("/run/netns")) return;
  for (const name of readdirSync("/run/netns")) {
    const owner = new RegExp(`^${prefix}-(\\d+)-`).exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) removeNamespace(name);
  }
}

function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8") !== "";
  } catch {
    return false;
  }
}

/** Two namespaces joined by one link: where most scenarios happen. */
export interface Pair {
  readonly network: Network;
  readonly left: Namespace;
  readonly right: Namespace;
  readonly links: { readonly left: string; readonly right: string };
}

/** Makes a pair; `network.remove()` takes it away. */
export function createPair(net = 77, offload = false): Pair {
  const network = new Network();
  try {
    const left = network.namespace("left");
    const right = network.namespace("right");
    return { network, left, right, links: network.join(left, right, net, offload) };
  } catch (error) {
    network.remove();
    throw error;
  }
}
