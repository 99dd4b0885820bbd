import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { aggregate, createView, sortKeys, type SortColumn } from "../../src/flow/index.ts";
import { createSampleSource, sampleSnapshot } from "../../src/host/fake/index.ts";
import { connectionId, type Connection } from "../../src/model/index.ts";

function naive(rows: readonly Connection[], sort: SortColumn, descending: boolean): number[] {
  const key = sortKeys[sort];
  const sign = descending ? -1 : 1;
  return rows
    .map((row) => ({ row, value: key.value(row) }))
    .sort((left, right) => {
      if (left.value !== right.value) return left.value < right.value ? -sign : sign;
      return left.row.id - right.row.id;
    })
    .map(({ row }) => row.id);
}

for (const sort of Object.keys(sortKeys) as SortColumn[]) {
  test(`sorts by ${sort} through changes, as sorting everything anew would`, () => {
    const source = createSampleSource(300, 7);
    const view = createView({ sort, descending: sort.length % 2 === 0, predicate: (row) => row.rxBytes % 5 !== 0 });
    for (let tick = 0; tick < 6; tick++) {
      const { connections } = source.advance(40);
      // Some rows leave and come back.
      const present = connections.filter((_, index) => (index + tick) % 7 !== 0);
      view.update(present);
      const expected = naive(
        present.filter((row) => row.rxBytes % 5 !== 0),
        sort,
        sort.length % 2 === 0,
      );
      assert.deepEqual(
        view.slice(0, view.total).map((row) => row.id),
        expected,
      );
    }
  });
}

test("finds rows by id and place", () => {
  const { connections } = sampleSnapshot(50, 3);
  const view = createView({ sort: "bytes", descending: true });
  view.update(connections);
  assert.equal(view.total, 50);
  for (let index = 0; index < view.total; index++) assert.equal(view.indexOf(view.at(index)!.id), index);
  assert.equal(view.at(50), undefined);
  assert.equal(view.indexOf(connectionId(9999)), -1);
  view.configure({ sort: "bytes", predicate: () => false });
  view.update(connections);
  assert.equal(view.total, 0);
});

test("rows that are other objects with the same identity are the newer ones", () => {
  const view = createView({ sort: "txBytes" });
  view.update(sampleSnapshot(20, 3).connections);
  const fresh = sampleSnapshot(20, 3).connections.map((row) => Object.assign(row, { txBytes: 1000 - row.id }));
  view.update(fresh);
  assert.deepEqual(
    view.slice(0, 20).map((row) => row.id),
    fresh.map((row) => row.id).toReversed(),
  );
  assert.ok(fresh.includes(view.at(0)!));
});

test("groups sum up to the whole, whatever they are by", () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(1000), fc.constantFrom("process", "host", "app"), (rows, seed, by) => {
      const { connections } = sampleSnapshot(rows, seed);
      const groups = aggregate(connections, by);
      const sum = (items: readonly { rxBytes: number }[]): number =>
        items.reduce((total, item) => total + item.rxBytes, 0);
      assert.equal(sum(groups), sum(connections));
      assert.equal(
        groups.reduce((total, group) => total + group.connections, 0),
        rows,
      );
      assert.equal(new Set(groups.map((group) => group.key)).size, groups.length);
    }),
  );
});

test("processes with one name and different starts are two groups", () => {
  const [first, second] = sampleSnapshot(2, 1).connections as [Connection, Connection];
  const withProcess = (row: Connection, start: number): Connection =>
    Object.assign(row, { process: { pid: 7, start, name: "worker" } });
  const groups = aggregate([withProcess(first, 1), withProcess(second, 2)], "process");
  assert.deepEqual(
    groups.map(({ name, key }) => [name, key]),
    [
      ["worker", "7:1"],
      ["worker", "7:2"],
    ],
  );
});
