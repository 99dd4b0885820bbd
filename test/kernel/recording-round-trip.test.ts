import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  createPair,
  executable,
  missing,
  Monitor,
  program,
  run,
  Task,
  until,
  withoutOffload,
  type FlowRecord,
  type Pair,
} from "./harness/index.ts";

const skip = missing("curl", "nginx", "ping", "ss") ?? false;

/** A flow as both sides should tell it: everything but times, and bytes, which a file counts with their link layer. */
const told = (record: FlowRecord) => ({
  proto: record.proto,
  from: `${record.src_ip} ${record.src_port ?? ""}`,
  to: `${record.dest_ip} ${record.dest_port ?? ""}`,
  packets: [record.flow.pkts_toserver, record.flow.pkts_toclient],
  attribution: record.attribution,
  process: record.process,
  app: record.app_proto,
  hostname: record.hostname,
  interface: record.in_iface,
});

const byKey = (record: FlowRecord): string => `${record.proto} ${record.src_ip} ${record.src_port ?? ""}`;
/** On loopback each end is a flow of its own. */
const byEnd = (record: FlowRecord): string => `${byKey(record)} ${record.direction}`;

/** The flow records of a file, as they are replayed. */
const replay = (path: string): FlowRecord[] =>
  run([executable, "replay", path, "--json"])
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as FlowRecord)
    .filter((record) => record.event_type === "flow");

interface SidecarFlow {
  readonly process?: {
    readonly working_directory?: string;
    readonly args?: readonly string[];
    readonly group?: { readonly id: number };
    readonly ancestors?: readonly { readonly pid: number }[];
  };
}

describe("a recording that is replayed", { skip }, () => {
  let pair: Pair;
  const tasks: Task[] = [];
  /** 64 hexadecimal digits, as Docker's ids are. */
  const container = randomBytes(32).toString("hex");
  const mounted = /^\S+ (\S+) cgroup2 /m.exec(readFileSync("/proc/mounts", "utf8"))?.[1];
  const controlGroup = join(mounted ?? "/sys/fs/cgroup", `docker-${container}.scope`);
  before(() => {
    pair = createPair();
    mkdirSync(controlGroup);
  });
  after(async () => {
    for (const task of tasks) await task.stop("SIGKILL");
    pair?.network.remove();
    rmdirSync(controlGroup);
  });

  const start = async (where: "left" | "right", words: readonly string[]): Promise<Task> => {
    const task = new Task(pair[where].command(words));
    tasks.push(task);
    await task.line(/ready/);
    return task;
  };

  const roundTrip = async (option: string, name: string, port: number): Promise<void> => {
    const file = join(pair.network.directory, name);
    const { right } = pair;
    const [tcpPort, udpPort] = [String(port), String(port + 1)];
    await start("right", [program("tcp-server"), right.ipv4, tcpPort]);
    await start("right", [program("udp-server"), right.ipv4, udpPort]);
    const monitor = await Monitor.start({ namespace: pair.left, arguments: [option, file] });
    tasks.push(monitor.task);
    const pids = new Set<number>();
    // In a control group as Docker makes it; it goes on until the recording has ended.
    const enter = ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', controlGroup];
    const contained = new Task(
      pair.left.command([...enter, program("tcp-client"), right.ipv4, tcpPort, "500", "700", "-h"]),
    );
    tasks.push(contained);
    pids.add(contained.pid);
    await contained.line(/done/);
    for (const words of [
      [program("tcp-client"), right.ipv4, tcpPort, "300000", "5000"],
      [program("tcp-client"), right.ipv4, tcpPort, "100", "100", "-s", "20"],
      [program("udp-client"), right.ipv4, udpPort, "50", "400"],
      ["ping", "-c", "2", "-i", "0.2", right.ipv4],
    ]) {
      const task = new Task(pair.left.command(words));
      tasks.push(task);
      pids.add(task.pid);
      await task.finished();
    }
    await monitor.task.stop("SIGINT");
    contained.close();
    await contained.finished();
    monitor.take();
    assert.match(monitor.task.stderr, /packets \(.*\) recorded, 0 dropped/);

    const left = pair.left.ipv4;
    const isOurs = (record: FlowRecord): boolean =>
      (record.dest_ip === right.ipv4 || record.src_ip === right.ipv4) && record.proto !== "ARP";
    // Live, all namespaces are seen: the same addresses may stand in others, where another test runs.
    const client = (record: FlowRecord): boolean => pids.has(record.process?.pid ?? -1) && record.src_ip === left;
    const live = [...monitor.flows.values()].filter((record) => isOurs(record) && client(record));
    const flowsOf = (path: string): FlowRecord[] => replay(path).filter((record) => isOurs(record));
    const replayed = flowsOf(file);

    assert.ok(live.length >= 23, `${live.length} flows live`);
    const replayedByKey = new Map(replayed.map((record) => [byKey(record), record]));
    for (const record of live) {
      const again = replayedByKey.get(byKey(record));
      assert.ok(again !== undefined, `${byKey(record)} is in the replay`);
      assert.deepEqual(told(again), told(record));
    }
    assert.equal(replayed.length, live.length);
    const inContainer = replayed.filter((record) => record.process?.container?.id === container);
    assert.deepEqual(
      inContainer.map((record) => record.process?.pid),
      [contained.pid],
      "the flow of the container, and no other",
    );

    // Into the other format and back: only which interface it was has no room in pcap, where there were several.
    const [there, back] = name.endsWith(".pcap") ? ["there.pcapng", "back.pcap"] : ["there.pcap", "back.pcapng"];
    const into = (one: string): string => join(pair.network.directory, `${name}-${one}`);
    run([executable, "convert", file, "-o", into(there)]);
    run([executable, "convert", into(there), "-o", into(back)]);
    const withoutInterface = (record: FlowRecord): unknown => ({ ...(told(record) as object), interface: undefined });
    assert.deepEqual(flowsOf(into(back)).map(withoutInterface), replayed.map(withoutInterface));
  };

  const startNginx = async (port: number): Promise<Task> => {
    const directory = join(pair.network.directory, `nginx-${port}`);
    mkdirSync(join(directory, "root"), { recursive: true });
    writeFileSync(join(directory, "root", "file"), Buffer.alloc(200_000));
    writeFileSync(
      join(directory, "nginx.conf"),
      `daemon off; worker_processes 1; user root; pid ${directory}/pid; error_log ${directory}/error.log;
       events { worker_connections 64; }
       http {
         access_log off; client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy;
         fastcgi_temp_path ${directory}/fastcgi; uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;
         server { listen 127.0.0.1:${port}; listen [::1]:${port}; root ${directory}/root; }
       }`,
    );
    const words = ["nginx", "-p", directory, "-c", join(directory, "nginx.conf")];
    const nginx = new Task(pair.left.command(words));
    tasks.push(nginx);
    const listens = (): boolean => pair.left.run("ss", "-Hltn", `sport = :${port}`).trim() !== "";
    assert.ok(await until(() => listens() || nginx.status !== undefined), nginx.describe());
    return nginx;
  };

  /** curl and nginx, and datagrams, within one machine: each end has its own process and counters. */
  const roundTripOnLoopback = async (option: string, name: string, port: number): Promise<void> => {
    const file = join(pair.network.directory, name);
    const nginx = await startNginx(port);
    for (const address of ["127.0.0.1", "::1"]) {
      await start("left", [program("udp-server"), address, String(port + 1)]);
      await start("left", [program("tcp-server"), address, String(port + 2)]);
      await start("left", [program("udp-server"), address, String(port + 3)]);
    }
    const monitor = await Monitor.start({ namespace: pair.left, arguments: [option, file] });
    tasks.push(monitor.task);
    const url = `http://www.socklens.example:${port}/file`;
    for (const address of ["127.0.0.1", "::1"]) {
      const there = address === "::1" ? "[::1]" : address;
      const quiet = ["-sS", "-o", "/dev/null"];
      for (const words of [
        ["curl", ...quiet, "--resolve", `www.socklens.example:${port}:${there}`, url],
        ["curl", ...quiet, `http://${there}:${port}/file`],
        [program("udp-client"), address, String(port + 1), "50", "400"],
        [program("tcp-client"), address, String(port + 2), "30000", "50000"],
        [program("udp-client"), address, String(port + 3), "20", "100", "-e"],
      ]) {
        const task = new Task(pair.left.command(words));
        tasks.push(task);
        await task.finished();
      }
    }
    await monitor.task.stop("SIGINT");
    monitor.take();
    assert.match(monitor.task.stderr, /packets \(.*\) recorded, 0 dropped/);

    const servers = new Set([port, port + 1, port + 2]);
    // Live, all namespaces are seen: the same ports may be in use in others, where another test runs.
    const pids = new Set(tasks.map(({ pid }) => pid));
    const workers = (parent: number): number[] =>
      readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ").map(Number);
    for (const worker of workers(nginx.pid)) pids.add(worker);
    const isOurs = (record: FlowRecord): boolean =>
      servers.has(record.dest_port ?? 0) && record.src_port !== 0 && pids.has(record.process?.pid ?? -1);
    const live = [...monitor.flows.values()].filter((record) => isOurs(record));
    const again = replay(file).filter((record) => isOurs(record));
    assert.equal(live.length, 16, "two ends of each flow");
    const replayedByEnd = new Map(again.map((record) => [byEnd(record), record]));
    for (const record of live) {
      const replayed = replayedByEnd.get(byEnd(record));
      assert.ok(replayed !== undefined, `${byEnd(record)} is in the replay`);
      // Live, on a busy machine, a short connection was seen without its protocol; the file has all payload.
      const missed = record.app_proto === undefined && replayed.app_proto !== undefined;
      const { app, hostname, ...rest } = told(replayed);
      assert.deepEqual(
        missed ? { ...rest, app: undefined, hostname: undefined } : { ...rest, app, hostname },
        told(record),
      );
    }
    assert.equal(again.length, live.length);
    // Live, a socket without a peer that was there before has two rows: from its first answer on it is known in another way.
    const answered = replay(file).filter((record) => record.dest_port === port + 3 && record.src_port !== 0);
    assert.deepEqual(
      answered.map(({ direction, process: owner, flow }) =>
        [direction, owner?.name, flow.pkts_toserver, flow.pkts_toclient].join(" "),
      ),
      Array.from({ length: 2 }, () => ["outbound udp-client 20 20", "inbound udp-server 20 20"]).flat(),
    );
    const names = (records: readonly FlowRecord[]): string[] =>
      [...new Set(records.map(({ direction, process: owner }) => `${direction} ${owner?.name}`))].toSorted();
    assert.deepEqual(names(again), [
      "inbound nginx",
      "inbound tcp-server",
      "inbound udp-server",
      "outbound curl",
      "outbound tcp-client",
      "outbound udp-client",
    ]);
  };

  it("tells the same flows, owners and names as the run that made it", () =>
    roundTrip("--pcapng-export", "round-trip.pcapng", 6101));

  it("does so from classic pcap with the sidecar that stands beside it", async () => {
    await roundTrip("--pcap-export", "round-trip.pcap", 6111);
    // What --json leaves out.
    const lines = readFileSync(join(pair.network.directory, "round-trip.pcap.jsonl"), "utf8").split("\n");
    const flows = lines.filter((line) => line.includes(container)).map((line) => JSON.parse(line) as SidecarFlow);
    const owner = flows.at(-1)?.process;
    assert.equal(owner?.working_directory, process.cwd());
    assert.deepEqual(owner.args, [program("tcp-client"), pair.right.ipv4, "6111", "500", "700", "-h"]);
    assert.deepEqual(owner.group, { id: process.getgid?.() });
    assert.equal(owner.ancestors?.[0]?.pid, process.pid);
  });

  it("tells both ends of what crosses loopback", async () => {
    withoutOffload(pair.left, "lo");
    await roundTripOnLoopback("--pcapng-export", "loopback.pcapng", 6121);
    await roundTripOnLoopback("--pcap-export", "loopback.pcap", 6131);
  });
});
