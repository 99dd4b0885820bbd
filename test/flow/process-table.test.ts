import assert from "node:assert/strict";
import { test } from "node:test";
import { ProcessTable } from "../../src/flow/process-table.ts";
import { FakeProcesses } from "../../src/host/fake/index.ts";
import { cgroupId, epochMillis, pid, type ProcessInfo } from "../../src/model/index.ts";

const info = (number: number, start: number, name: string, more: Partial<ProcessInfo> = {}): ProcessInfo => ({
  pid: pid(number),
  start: epochMillis(start),
  name,
  ...more,
});

const stamp = (number: number, stamped: number, name = "") => ({
  ownerPid: pid(number),
  ownerName: name,
  ownerUserId: 1000,
  ownerGroupId: 1000,
  ownerCgroup: cgroupId(5),
  ownerStamped: epochMillis(stamped),
  attribution: "socket" as const,
});

const fork = (process: ProcessInfo, parent = 1) =>
  ({ kind: "fork", time: process.start, process, parentPid: pid(parent) }) as const;

test("a pid has several processes in the course of time", () => {
  const source = new FakeProcesses();
  const table = new ProcessTable(source);
  for (let index = 0; index < 5; index++) {
    const start = 10_000 + index * 100;
    table.apply(fork(info(7, start, `p${index}`, { executable: `/bin/p${index}` })));
    table.apply({ kind: "exit", time: epochMillis(start + 90), pid: pid(7), start: epochMillis(start) });
  }
  for (let index = 0; index < 5; index++) {
    assert.equal(table.ownerOf(stamp(7, 10_050 + index * 100))?.info.name, `p${index}`);
  }
  assert.deepEqual(source.lookups, []);
});

test("a lineage is asked for once, ends at the first process, and goes around no circle", () => {
  const source = new FakeProcesses();
  const parent = (number: number, name: string): Partial<ProcessInfo> => ({ parent: { pid: pid(number), name } });
  source.set(info(1, 10, "init"));
  source.set(info(20, 500, "shell", { ...parent(1, "init"), workingDirectory: "/home/a" }));
  source.set(info(30, 900, "tool", { ...parent(20, "shell"), workingDirectory: "/tmp" }));
  const table = new ProcessTable(source);
  table.apply(fork(info(30, 900, "tool", { ...parent(20, "shell"), executable: "/bin/tool" }), 20));
  const owner = table.ownerOf(stamp(30, 1000))!;
  const before = source.lookups.length;
  const chain = table.lineage(owner);
  assert.deepEqual(
    chain.map(({ name, workingDirectory }) => [name, workingDirectory]),
    [
      ["tool", "/tmp"],
      ["shell", "/home/a"],
      ["init", undefined],
    ],
  );
  assert.equal(chain[0]?.executable, "/bin/tool");
  assert.deepEqual(source.lookups.slice(before), [30, 20, 1]);
  table.lineage(owner);
  assert.equal(source.lookups.length, before + 3);
  // Each says that the other begot it.
  source.set(info(41, 50, "a", parent(42, "b")));
  source.set(info(42, 50, "b", parent(41, "a")));
  assert.deepEqual(
    table.lineage(table.ownerOf(stamp(41, 2000))!).map(({ name }) => name),
    ["a", "b"],
  );
});

test("a lineage does not take who has a parent's pid now for the parent", () => {
  const source = new FakeProcesses();
  source.set(info(50, 100, "child", { parent: { pid: pid(51), name: "parent" } }));
  source.set(info(51, 5000, "another"));
  const table = new ProcessTable(source);
  const chain = table.lineage(table.ownerOf(stamp(50, 6000))!);
  assert.deepEqual(
    chain.map(({ name, start }) => [name, start]),
    [
      ["child", 100],
      ["parent", 0],
    ],
  );
});

test("a lineage is bounded", () => {
  const source = new FakeProcesses();
  for (let one = 1; one <= 100; one++) {
    source.set(info(one, one, `p${one}`, one === 1 ? {} : { parent: { pid: pid(one - 1), name: "p" } }));
  }
  const table = new ProcessTable(source);
  assert.equal(table.lineage(table.ownerOf(stamp(100, 6000))!).length, 32);
});

test("start times of unlike clocks are one process; an exit names which one", () => {
  const source = new FakeProcesses();
  source.set(info(9, 4998, "old", { executable: "/bin/old" }));
  const table = new ProcessTable(source);
  const owner = table.ownerOf(stamp(9, 20_000))!;
  table.hold(owner);
  table.apply({ kind: "rename", time: epochMillis(21_000), pid: pid(9), name: "renamed" });
  table.apply({ kind: "exit", time: epochMillis(22_000), pid: pid(9), start: epochMillis(5003) });
  assert.equal(owner.info.name, "renamed");
  assert.equal(owner.info.exit, 22_000);
});

test("a child is its parent's image until it executes another", () => {
  const table = new ProcessTable(new FakeProcesses());
  table.apply(fork(info(10, 1000, "server", { executable: "/bin/server", commandLine: ["server", "-d"] })));
  table.apply(fork(info(11, 2000, "server", { parent: { pid: pid(10), name: "server" } }), 10));
  const child = table.ownerOf(stamp(11, 2500))!;
  assert.equal(child.info.executable, "/bin/server");
  assert.deepEqual(child.info.commandLine, ["server", "-d"]);
  table.apply({ kind: "exec", time: epochMillis(3000), process: info(11, 2000, "tool") });
  assert.deepEqual([child.info.name, child.info.executable, child.info.commandLine], ["tool", undefined, undefined]);
  assert.equal(child.info.parent?.pid, 10);
});

test("a process that only has the same pid is not the owner", () => {
  const source = new FakeProcesses();
  source.set(info(12, 50_000, "newcomer"));
  const table = new ProcessTable(source);
  const gone = table.ownerOf(stamp(12, 20_000, "gone"))!;
  assert.deepEqual([gone.info.name, gone.info.start, gone.info.user?.id], ["gone", 0, 1000]);
  assert.equal(table.ownerOf(stamp(12, 60_000, "newcomer"))!.info.name, "newcomer");
  assert.equal(table.ownerOf(stamp(12, 20_001, "gone")), gone);
  assert.equal(source.lookups.length, 2);
});

test("nobody is looked up again and again, known or not", () => {
  const source = new FakeProcesses();
  source.set(info(13, 1000, "here"));
  const table = new ProcessTable(source);
  for (let index = 0; index < 50; index++) {
    table.ownerOf(stamp(13, 20_000 + index, "here"));
    table.ownerOf(stamp(14, 20_000 - index, "gone"));
  }
  assert.deepEqual(source.lookups, [13, 14]);
});

test("without events a reused pid is noticed by its name, threads cost one look", () => {
  const source = new FakeProcesses();
  source.set(info(15, 1000, "first"));
  const table = new ProcessTable(source);
  const first = table.ownerOf(stamp(15, 2000, "first"))!;
  for (let index = 0; index < 20; index++) {
    assert.equal(table.ownerOf(stamp(15, 3000 + index, "first-thread")), first);
  }
  assert.equal(source.lookups.length, 2);
  source.set(info(15, 90_000, "second"));
  assert.equal(table.ownerOf(stamp(15, 91_000, "second"))!.info.name, "second");
});

test("processes without a row are forgotten beyond a bound, those with one never", () => {
  const table = new ProcessTable(new FakeProcesses(), { exited: 100, running: 100 });
  table.apply(fork(info(1, 1000, "held", { executable: "/bin/held" })));
  const held = table.ownerOf(stamp(1, 1500))!;
  table.hold(held);
  for (let index = 2; index < 5000; index++) {
    table.apply(fork(info(index, 2000 + index, "x")));
    if (index % 2 === 0)
      table.apply({ kind: "exit", time: epochMillis(2000 + index), pid: pid(index), start: epochMillis(2000 + index) });
  }
  assert.ok(table.size <= 201, `${table.size} processes`);
  table.apply({ kind: "exit", time: epochMillis(9000), pid: pid(1), start: epochMillis(1000) });
  for (let index = 2; index < 300; index++) {
    table.apply(fork(info(index, 20_000 + index, "x")));
    table.apply({ kind: "exit", time: epochMillis(21_000), pid: pid(index), start: epochMillis(20_000 + index) });
  }
  assert.equal(table.ownerOf(stamp(1, 1500)), held);
  table.letGo(held);
});

test("the kernel owns what it sends by itself; an unknown owner is nobody", () => {
  const table = new ProcessTable({ lookup: () => undefined });
  const sent = stamp(0, 10, "kernel");
  assert.equal(table.ownerOf(sent)?.info.name, "kernel");
  assert.equal(table.ownerOf({ ...sent, attribution: "none" }), undefined);
  assert.equal(table.size, 0);
});
