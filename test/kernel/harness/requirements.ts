/**
 * What a kernel test needs of the machine. A skip names what is missing: `needs root`, `program missing: NAME
 * (package PACKAGE)` or `kernel feature missing: WHAT`; only the last is a reason that a full run accepts.
 */
import { accessSync, constants, existsSync } from "node:fs";
import { attempt } from "./run.ts";

/** Programs that the kernel tests and benches drive, with the Debian package that brings each. */
const packages: Readonly<Record<string, string>> = {
  curl: "curl",
  dnsmasq: "dnsmasq-base",
  ethtool: "ethtool",
  gcc: "gcc libc6-dev",
  iftop: "iftop",
  ip: "iproute2",
  iperf3: "iperf3",
  nc: "netcat-openbsd",
  nethogs: "nethogs",
  nft: "nftables",
  nginx: "nginx-light",
  nsenter: "util-linux",
  openssl: "openssl",
  ping: "iputils-ping",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
  sshd: "openssh-server",
  tcpdump: "tcpdump",
  tmux: "tmux",
};

const directories = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];

/** Absolute path of a program on PATH or among the system's, if it is there. */
export function findProgram(name: string): string | undefined {
  for (const directory of directories) {
    if (directory === "") continue;
    const path = `${directory}/${name}`;
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** Why these tests cannot run here, or undefined when they can. `programs` are needed besides the harness's own. */
export function missing(...programs: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return "needs root";
  for (const name of ["ip", "nft", "nsenter", "gcc", "ethtool", ...programs]) {
    if (findProgram(name) === undefined) return `program missing: ${name} (package ${packages[name] ?? name})`;
  }
  if (!existsSync("/proc/self/ns/net")) return "kernel feature missing: network namespaces";
  if (!hasTables()) return "kernel feature missing: nf_tables";
  return undefined;
}

let tables: boolean | undefined;

function hasTables(): boolean {
  tables ??= attempt(["nft", "list", "tables"]);
  return tables;
}
