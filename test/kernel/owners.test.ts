import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  asClient,
  asServer,
  Bed,
  expectMoved,
  isWithin,
  missing,
  Monitor,
  onPort,
  program,
  type Exchanged,
  type FlowRecord,
  type Task,
} from "./harness/index.ts";

const skip = missing() ?? false;

const commandLine = (record: FlowRecord): string => {
  const line = record.process?.command_line ?? "";
  return typeof line === "string" ? line : line.join(" ");
};

describe("owners", { skip }, () => {
  let bed: Bed;
  before(async () => {
    bed = await Bed.create();
  });
  after(async () => {
    await bed?.close();
  });

  const pidOf = async (task: Task, role: string): Promise<number> =>
    Number((await task.line(new RegExp(`^${role} (\\d+)$`, "m")))[1]);

  const minus = (later: Exchanged, earlier: Exchanged): { toServer: number; toClient: number } => ({
    toServer: later.toServer.bytes - earlier.toServer.bytes,
    toClient: later.toClient.bytes - earlier.toClient.bytes,
  });

  it("names 200 processes that live 5 ms", async () => {
    const port = 5600;
    await bed.ready(bed.right, [program("udp-server"), bed.right.ipv4, String(port)]);
    const spawner = bed.start(bed.left, [program("short-lived"), "spawn", "200", bed.right.ipv4, String(port)]);
    await spawner.finished();
    const arrived = bed.atRight.read({ protocol: 17, destinationPort: port });
    assert.equal(arrived.packets, 2000, "the scenario itself is broken");
    const expected = new Map<number, string>();
    for (const [, pid, tag] of spawner.stdout.matchAll(/^(\d+) (tag-\d+)$/gm)) expected.set(Number(pid), tag ?? "");
    assert.equal(expected.size, 200, "every child has a pid of its own");
    const sent = (pid: number): FlowRecord[] =>
      [...bed.monitor.flows.values()].filter(
        (record) => record.process?.pid === pid && record.proto === "UDP" && record.dest_port === port,
      );
    const path = program("short-lived");
    const wrong = (): string[] =>
      [...expected].flatMap(([pid, tag]) => {
        const [record] = sent(pid);
        if (record === undefined) return [`${pid} ${tag}: no row`];
        const faults = [];
        const bytes = sent(pid).reduce((sum, { flow }) => sum + flow.bytes_toserver, 0);
        if (!isWithin(bytes, 5280)) faults.push(`${bytes} bytes of 5280`);
        if (record.process?.executable !== path) faults.push(`executable ${record.process?.executable}`);
        if (record.process?.name !== "short-lived") faults.push(`name ${record.process?.name}`);
        const line = `short-lived talk ${tag} ${bed.right.ipv4} ${port}`;
        if (commandLine(record) !== line) faults.push(`command line ${commandLine(record)}`);
        if (record.process?.parent?.pid !== spawner.pid) faults.push(`parent ${record.process?.parent?.pid}`);
        return faults.length > 0 ? [`${pid} ${tag}: ${faults.join(", ")}`] : [];
      });
    await bed.monitor.when(() => wrong().length === 0);
    const faults = wrong();
    assert.equal(faults.length, 0, `${faults.length} of 200 are wrong:\n${faults.slice(0, 8).join("\n")}`);
  });

  it("gives the bytes of a pre-forked server to the worker that served", async () => {
    const port = 5601;
    const master = await bed.ready(bed.right, [program("workers"), bed.right.ipv4, String(port), "4"]);
    const sizes = ["400000", "1500000", "3000000", "800000"];
    const clients = sizes.map((size) =>
      bed.start(bed.left, [program("tcp-client"), bed.right.ipv4, String(port), size, size]),
    );
    for (const client of clients) await client.finished();
    await bed.exchangedWhenQuiet("TCP", port);
    const served = [...master.stdout.matchAll(/^(\d+) received (\d+) port (\d+)$/gm)];
    assert.equal(served.length, sizes.length, master.describe());
    const workers = new Set(served.map(([, pid]) => Number(pid)));
    assert.equal(workers.has(master.pid), false, "the master serves nobody");
    for (const worker of workers) {
      const ports = served.filter(([, pid]) => Number(pid) === worker).map(([, , , number]) => Number(number));
      const sum = (bytes: (number: number) => number): number => ports.reduce((all, one) => all + bytes(one), 0);
      await expectMoved(bed.monitor, {
        what: "pre-forked worker",
        pid: worker,
        executable: program("workers"),
        flows: onPort("TCP", port),
        isSource: asServer(port),
        received: sum((one) => bed.atRight.read({ protocol: 6, sourcePort: one, destinationPort: port }).bytes),
        sent: sum((one) => bed.atLeft.read({ protocol: 6, sourcePort: port, destinationPort: one }).bytes),
      });
    }
  });

  it("gives the bytes after a socket was passed to who took it", async () => {
    const port = 5602;
    const [first, second] = [3_000_000, 2_000_000];
    await bed.ready(bed.right, [program("tcp-server"), bed.right.ipv4, String(port)]);
    const giver = bed.start(bed.left, [
      program("pass-socket"),
      bed.right.ipv4,
      String(port),
      String(first),
      String(second),
    ]);
    const taker = await pidOf(giver, "taker");
    await giver.line(/^sent$/m);
    const common = { flows: onPort("TCP", port), isSource: asClient(port), executable: program("pass-socket") };
    // The server answers as soon as it has the header, and the answer waits in the socket for the taker; so what was
    // received before the passing is the giver's or the taker's: only what was sent is compared for the giver.
    // What is said to be sent may not have left yet.
    const before = await bed.exchangedWhenQuiet("TCP", port, first);
    const sentBy = (pid: number): number =>
      bed.monitor.credits
        .filter(({ record }) => record.process?.pid === pid && common.flows(record) && record.dest_port === port)
        .reduce((sum, { bytesToServer }) => sum + bytesToServer, 0);
    await bed.monitor.when(() => isWithin(sentBy(giver.pid), before.toServer.bytes));
    await bed.monitor.settle();
    const given = sentBy(giver.pid);
    assert.ok(
      isWithin(given, before.toServer.bytes),
      `giver ${giver.pid}: socklens ${given}, counted ${before.toServer.bytes}; ${bed.monitor.describe(common.flows)}`,
    );
    giver.go();
    await giver.line(/^done$/m);
    const after = minus(await bed.exchangedWhenQuiet("TCP", port, first + second), before);
    await bed.monitor.when(() => isWithin(sentBy(taker), after.toServer));
    await bed.monitor.settle();
    const taken = sentBy(taker);
    assert.ok(
      isWithin(taken, after.toServer),
      `taker ${taker}: socklens ${taken}, counted ${after.toServer}; ${bed.monitor.describe(common.flows)}`,
    );
    assert.ok(isWithin(sentBy(giver.pid), before.toServer.bytes), "the giver keeps what it sent and gets no more");
    giver.close();
  });

  it("gives the bytes of an activated service to the service, not to who bound its socket", async () => {
    const port = 5603;
    const parent = await bed.ready(bed.right, [program("activation"), bed.right.ipv4, String(port)]);
    const service = await pidOf(parent, "service");
    const client = bed.start(bed.left, [program("tcp-client"), bed.right.ipv4, String(port), "5000000", "3000000"]);
    await client.finished();
    const counted = await bed.exchangedWhenQuiet("TCP", port);
    await expectMoved(bed.monitor, {
      what: "activated service",
      pid: service,
      executable: program("activation"),
      flows: onPort("TCP", port),
      isSource: asServer(port),
      sent: counted.toClient.bytes,
      received: counted.toServer.bytes,
    });
  });

  const changeIdentity = async (how: string, port: number, name: string): Promise<Task> => {
    await bed.ready(bed.right, [program("tcp-server"), bed.right.ipv4, String(port)]);
    const task = bed.start(bed.left, [program("change-identity"), how, bed.right.ipv4, String(port), "2000000", name]);
    await task.line(/^sent$/m);
    const matches = onPort("TCP", port);
    const first = await bed.monitor.flow((record) => matches(record) && record.process?.pid === task.pid, "the first");
    assert.equal(first.process?.executable, program("change-identity"));
    assert.equal(first.process?.name, "change-identity".slice(0, 15));
    task.go();
    await task.line(/^done$/m);
    const counted = await bed.exchangedWhenQuiet("TCP", port);
    await expectMoved(bed.monitor, {
      what: `process that did ${how}`,
      pid: task.pid,
      flows: matches,
      isSource: asClient(port),
      sent: counted.toServer.bytes,
      received: counted.toClient.bytes,
    });
    return task;
  };

  it("shows the new name of a process that renames itself", async () => {
    const task = await changeIdentity("rename", 5604, "renamed-worker");
    const isNamed = (record: FlowRecord): boolean => record.process?.name === "renamed-worker";
    const row = await bed.monitor.flow((record) => record.process?.pid === task.pid && isNamed(record), "the new name");
    assert.equal(row.process?.executable, program("change-identity"));
    task.close();
  });

  it("shows the new executable of a process that execs and keeps its socket", async () => {
    const successor = join(bed.pair.network.directory, "successor");
    copyFileSync(program("change-identity"), successor);
    const task = await changeIdentity("exec", 5605, successor);
    const isNew = (record: FlowRecord): boolean => record.process?.executable === successor;
    const row = await bed.monitor.flow((record) => record.process?.pid === task.pid && isNew(record), "the new image");
    assert.equal(row.process?.name, "successor");
    assert.match(commandLine(row), /^\S*successor continue \d+ 2000000$/);
    task.close();
  });

  it("owns sockets that existed before it started", async () => {
    const port = 5606;
    const server = await bed.ready(bed.right, [program("tcp-server"), bed.right.ipv4, String(port)]);
    const client = bed.start(bed.left, [
      program("change-identity"),
      "rename",
      bed.right.ipv4,
      String(port),
      "4000000",
      "change-identity",
    ]);
    await client.line(/^sent$/m);
    const before = await bed.exchangedWhenQuiet("TCP", port);
    const late = await Monitor.start();
    try {
      client.go();
      await client.line(/^done$/m);
      const counted = minus(await bed.exchangedWhenQuiet("TCP", port), before);
      const flows = onPort("TCP", port);
      await expectMoved(late, {
        what: "client that was there before",
        pid: client.pid,
        executable: program("change-identity"),
        flows,
        isSource: asClient(port),
        sent: counted.toServer,
        received: counted.toClient,
      });
      await expectMoved(late, {
        what: "server that was there before",
        pid: server.pid,
        executable: program("tcp-server"),
        flows,
        isSource: asServer(port),
        sent: counted.toClient,
        received: counted.toServer,
      });
    } finally {
      await late.stop();
    }
    client.close();
  });
});
