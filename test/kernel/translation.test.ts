import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  asClient,
  asServer,
  Counters,
  expectMoved,
  missing,
  Monitor,
  Network,
  onPort,
  program,
  Task,
  withoutOffload,
  type FlowRecord,
  type Namespace,
} from "./harness/index.ts";

const skip = missing() ?? false;

/**
 * A machine as a container host has it: a container on a bridge, masquerading towards an uplink, and a server beyond
 * it. Socklens runs on the router, where the same packets pass the bridge port, the bridge and the uplink.
 */
describe("a process in another network namespace behind NAT", { skip }, () => {
  let network: Network;
  let inner: Namespace;
  let router: Namespace;
  let outer: Namespace;
  let monitor: Monitor;
  let atOuter: Counters;
  let atInner: Counters;
  const tasks: Task[] = [];

  before(async () => {
    network = new Network();
    router = network.namespace("router");
    inner = network.namespace("inner");
    outer = network.namespace("outer");
    network.join(router, outer, 81);
    router.ip("link", "add", "bridge0", "type", "bridge");
    router.ip("address", "add", "10.80.0.1/24", "dev", "bridge0");
    router.ip("link", "set", "bridge0", "up");
    router.ip("link", "add", "port0", "type", "veth", "peer", "name", "eth0", "netns", inner.name);
    router.ip("link", "set", "port0", "master", "bridge0", "up");
    inner.ip("address", "add", "10.80.0.2/24", "dev", "eth0");
    inner.ip("link", "set", "eth0", "up");
    inner.ip("route", "add", "default", "via", "10.80.0.1");
    for (const [namespace, link] of [
      [router, "port0"],
      [router, "bridge0"],
      [inner, "eth0"],
    ] as const) {
      withoutOffload(namespace, link);
    }
    router.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
    router.tables(
      "table ip nat {\nchain leaving { type nat hook postrouting priority 100; ip saddr 10.80.0.0/24 ip daddr != 10.80.0.0/24 masquerade\n}\n}",
    );
    atOuter = new Counters(outer);
    atInner = new Counters(inner);
    monitor = await Monitor.start({ namespace: router, within: [inner, router, outer] });
  });
  after(async () => {
    for (const task of tasks) await task.stop("SIGKILL");
    try {
      await monitor?.stop();
    } finally {
      network.remove();
    }
  });

  const start = async (where: Namespace, command: readonly string[]): Promise<Task> => {
    const task = new Task(where.command(command));
    tasks.push(task);
    await task.line(/^ready$/m);
    return task;
  };

  const scenario = async (proto: "TCP" | "UDP", port: number, server: string, client: readonly string[]) => {
    const serving = await start(outer, [program(server), outer.ipv4, String(port)]);
    const [name = "", ...rest] = client;
    const asking = new Task(inner.command([program(name), outer.ipv4, String(port), ...rest]));
    tasks.push(asking);
    await asking.finished();
    const flows = onPort(proto, port);
    const toServer = atOuter.read({ destinationPort: port, source: "10.81.0.1" }).bytes;
    const toClient = atInner.read({ sourcePort: port }).bytes;
    assert.ok(toServer > 0, "nothing was translated: the scenario itself is broken");
    await expectMoved(monitor, {
      what: `${proto} behind NAT, client`,
      pid: asking.pid,
      executable: program(name),
      flows,
      isSource: asClient(port),
      sent: toServer,
      received: toClient,
    });
    await expectMoved(monitor, {
      what: `${proto} behind NAT, server`,
      pid: serving.pid,
      executable: program(server),
      flows,
      isSource: asServer(port),
      sent: toClient,
      received: toServer,
    });
    const rows = [...monitor.flows.values()].filter((record: FlowRecord) => flows(record));
    // One for the client's socket, one for the server's, which is a process of this machine too; none for the bridge,
    // its port or the uplink.
    assert.equal(rows.length, 2, monitor.describe(flows));
    const row = rows.find((record) => record.process?.pid === asking.pid);
    assert.equal(row?.src_ip, "10.80.0.2");
    assert.equal(row?.dest_ip, outer.ipv4);
  };

  it("is one row for TCP", () => scenario("TCP", 5701, "tcp-server", ["tcp-client", "8000000", "4000000"]));
  it("is one row for UDP", () => scenario("UDP", 5702, "udp-server", ["udp-client", "4000", "900", "-e"]));
});
