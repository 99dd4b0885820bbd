import { cgroupId, epochMillis, pid, type ProcessInfo } from "../../model/index.ts";
import type { Random } from "./random.ts";

/** A made-up program and what it is likely to talk to. */
export interface SampleProgram {
  readonly name: string;
  readonly executable: string;
  readonly userId: number;
  readonly userName: string;
  readonly hosts: readonly [string, ...string[]];
  /** Ports of the servers it talks to, or that it serves. */
  readonly ports: readonly [number, ...number[]];
  readonly serves?: boolean;
  readonly container?: string;
  readonly service?: string;
}

export const samplePrograms: readonly [SampleProgram, ...SampleProgram[]] = [
  {
    name: "firefox",
    executable: "/usr/lib/firefox/firefox",
    userId: 1000,
    userName: "alice",
    hosts: ["www.example.org", "cdn.example.net", "static.example.com", "fonts.example.net", "mail.example.org"],
    ports: [443, 443, 443, 80],
  },
  {
    name: "curl",
    executable: "/usr/bin/curl",
    userId: 1000,
    userName: "alice",
    hosts: ["api.example.com"],
    ports: [443, 80],
  },
  {
    name: "ssh",
    executable: "/usr/bin/ssh",
    userId: 1000,
    userName: "alice",
    hosts: ["build.example.org"],
    ports: [22],
  },
  {
    name: "sshd",
    executable: "/usr/sbin/sshd",
    userId: 0,
    userName: "root",
    hosts: ["desk.example.org"],
    ports: [22],
    serves: true,
    service: "ssh.service",
  },
  {
    name: "nginx",
    executable: "/usr/sbin/nginx",
    userId: 33,
    userName: "www-data",
    hosts: ["visitor.example.net"],
    ports: [443, 80],
    serves: true,
    service: "nginx.service",
  },
  {
    name: "postgres",
    executable: "/usr/lib/postgresql/17/bin/postgres",
    userId: 70,
    userName: "postgres",
    hosts: ["app.example.internal"],
    ports: [5432],
    serves: true,
    container: "4f1c2a9b7d3e",
  },
  {
    name: "systemd-resolve",
    executable: "/usr/lib/systemd/systemd-resolved",
    userId: 101,
    userName: "systemd-resolve",
    hosts: ["dns.example.net"],
    ports: [53],
    service: "systemd-resolved.service",
  },
  {
    name: "chronyd",
    executable: "/usr/sbin/chronyd",
    userId: 102,
    userName: "_chrony",
    hosts: ["time.example.net"],
    ports: [123],
  },
  {
    name: "node",
    executable: "/usr/bin/node",
    userId: 1001,
    userName: "bob",
    hosts: ["registry.example.com", "queue.example.internal"],
    ports: [443, 6379, 5672],
  },
  {
    name: "Web Content",
    executable: "/usr/lib/firefox/firefox",
    userId: 1000,
    userName: "alice",
    hosts: ["video.example.tv"],
    ports: [443],
  },
];

const dayOne = 1_767_225_600_000;

/** Makes up one process that runs `program`. */
export function sampleProcess(random: Random, program: SampleProgram, index: number): ProcessInfo {
  const parent =
    program.userId === 0 || program.serves === true
      ? { pid: pid(1), name: "systemd" }
      : { pid: pid(900 + program.userId), name: "bash" };
  return {
    pid: pid(1000 + index * 7 + random.integer(7)),
    start: epochMillis(dayOne - 60_000 * (1 + random.integer(10_000))),
    name: program.name,
    executable: program.executable,
    commandLine: [program.executable, ...(random.chance(50) ? ["--profile", `p${random.integer(9)}`] : [])],
    parent,
    user: { id: program.userId, name: program.userName },
    groupId: program.userId,
    cgroupId: cgroupId(4000 + index),
    cgroupPath:
      program.service === undefined ? `/user.slice/user-${program.userId}.slice` : `/system.slice/${program.service}`,
    ...(program.service === undefined ? {} : { service: program.service }),
    ...(program.container === undefined
      ? {}
      : { container: { id: program.container, runtime: "docker", name: program.name } }),
  };
}

/** When the made-up snapshots begin: 2026-01-01T00:00:00Z. */
export const sampleStart = epochMillis(dayOne);
