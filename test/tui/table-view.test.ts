import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { createSampleSource, sampleSnapshot } from "../../src/host/fake/index.ts";
import type { Connection, Snapshot } from "../../src/model/index.ts";
import { layoutColumns } from "../../src/tui/column-layout.ts";
import { columns, type Column, type ColumnId } from "../../src/tui/columns.ts";
import { mergeSort } from "../../src/tui/merge-sort.ts";
import { TableView, type ViewSettings } from "../../src/tui/table-view.ts";

const column = (id: ColumnId): Column => {
  const found = columns.find((one) => one.id === id);
  assert.ok(found);
  return found;
};

const settings = (changes: Partial<ViewSettings> = {}): ViewSettings => ({
  sort: column("rxRate"),
  descending: true,
  grouping: "none",
  showClosed: true,
  names: true,
  predicate: undefined,
  clearedAt: -Infinity,
  ...changes,
});

function shownRows(view: TableView): Connection[] {
  const out: Connection[] = [];
  for (let i = 0; i < view.count; i++) {
    const item = view.item(i);
    if (item?.kind === "connection") out.push(item.row);
  }
  return out;
}

test("merge sort sorts, stably, whatever order it starts from", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 80 }), (values) => {
      const items = Uint32Array.from(values.keys());
      const inOrder = (a: number, b: number): boolean => (values[a] ?? 0) <= (values[b] ?? 0);
      mergeSort(items, new Uint32Array(values.length), values.length, inOrder);
      const expected = Array.from(values.keys()).toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
      assert.deepEqual(Array.from(items), expected);
    }),
  );
});

/** What the view must show, the slow way. */
function reference(rows: readonly Connection[], sort: Column, descending: boolean): number[] {
  const value = (row: Connection): number | string | undefined =>
    sort.number === undefined ? sort.key?.(row, { names: true }) : sort.number(row);
  const absent = (row: Connection): boolean => value(row) === undefined || value(row) === "";
  return rows
    .toSorted((a, b) => {
      if (absent(a) !== absent(b)) return absent(a) ? 1 : -1;
      const left = value(a) ?? 0;
      const right = value(b) ?? 0;
      const isSilent = left === 0 && (sort.id === "rxRate" || sort.id === "txRate");
      if (isSilent && right === 0 && a.lastActivity !== b.lastActivity) return b.lastActivity - a.lastActivity;
      if (left === right || absent(a)) return b.id - a.id;
      return left < right === descending ? 1 : -1;
    })
    .map((row) => row.id);
}

test("every column sorts as a plain sort does, tick after tick, both ways", () => {
  for (const sort of columns) {
    const source = createSampleSource(150, 7);
    const view = new TableView();
    for (let tick = 0; tick < 4; tick++) {
      const snapshot = source.advance(20);
      const descending = tick % 2 === 0;
      view.rebuild(snapshot, settings({ sort, descending }));
      const ids = shownRows(view).map((row) => row.id);
      assert.deepEqual(ids, reference(snapshot.connections, sort, descending), sort.id);
    }
  }
});

test("what pauses stays above what has long been silent, in either order", () => {
  const [base] = sampleSnapshot(1).connections;
  assert.ok(base);
  const now = sampleSnapshot(1).time;
  const row = (id: number, rxRate: number, silent: number): Connection =>
    ({ ...base, id, rxRate, lastActivity: now - silent, liveliness: "live" }) as unknown as Connection;
  const connections = [row(1, 500, 0), row(2, 0, 900), row(3, 0, 60_000), row(4, 0, 1400), row(5, 0.5, 0)];
  const view = new TableView();
  for (const [descending, expected] of [
    [true, [1, 5, 2, 4, 3]],
    [false, [2, 4, 3, 5, 1]],
  ] as const) {
    view.rebuild({ ...sampleSnapshot(1), connections }, settings({ descending }));
    assert.deepEqual(
      shownRows(view).map(({ id }) => Number(id)),
      expected,
    );
  }
});

test("rows that come and go keep the order right", () => {
  const all = sampleSnapshot(200, 3);
  const view = new TableView();
  fc.assert(
    fc.property(fc.array(fc.nat(199), { maxLength: 200 }), (picked) => {
      const connections = Array.from(new Set(picked), (i) => all.connections[i]).filter((row) => row !== undefined);
      view.rebuild({ ...all, connections }, settings());
      assert.deepEqual(
        shownRows(view).map((row) => row.id),
        reference(connections, column("rxRate"), true),
      );
    }),
  );
});

test("closed rows linger ten seconds, then only show when asked for; cleared ones never", () => {
  const base = sampleSnapshot(1);
  const [row] = base.connections;
  assert.ok(row);
  const at = (age: number): Snapshot => {
    const end = (base.time - age) as Connection["start"];
    return { ...base, connections: [{ ...row, liveliness: "closed", end }] };
  };
  const view = new TableView();
  const count = (age: number, changes: Partial<ViewSettings>): number => {
    view.rebuild(at(age), settings(changes));
    return view.count;
  };
  assert.equal(count(9_000, { showClosed: false }), 1);
  assert.equal(count(11_000, { showClosed: false }), 0);
  assert.equal(count(11_000, { showClosed: true }), 1);
  assert.equal(count(1_000, { showClosed: true, clearedAt: base.time }), 0);
});

test("where many close, they linger a shorter time, and bury nothing", () => {
  const base = sampleSnapshot(1);
  const [row] = base.connections;
  assert.ok(row);
  const closing = (perSecond: number): number => {
    const connections = Array.from({ length: perSecond * 12 }, (_, index) => ({
      ...row,
      id: index as unknown as Connection["id"],
      liveliness: "closed" as const,
      end: (base.time - Math.floor(index / perSecond) * 1000 - 500) as Connection["start"],
    }));
    const view = new TableView();
    view.rebuild({ ...base, connections }, settings({ showClosed: false }));
    return view.count;
  };
  assert.equal(closing(5), 50, "ten seconds");
  assert.equal(closing(30), 120, "four seconds");
  assert.equal(closing(300), 300, "one second at least");
});

test("groups sum their rows, stand in order of their sums, and open", () => {
  const snapshot = sampleSnapshot(300, 5);
  const view = new TableView();
  view.rebuild(snapshot, settings({ grouping: "process" }));
  let rows = 0;
  let rate = 0;
  let last = Infinity;
  for (let i = 0; i < view.count; i++) {
    const item = view.item(i);
    assert.equal(item?.kind, "group");
    if (item?.kind !== "group") continue;
    rows += item.group.rows;
    rate += item.group.rxRate;
    assert.ok(item.group.rxRate <= last);
    last = item.group.rxRate;
  }
  assert.equal(rows, 300);
  assert.equal(
    rate,
    snapshot.connections.reduce((sum, row) => sum + row.rxRate, 0),
  );
  const first = view.item(0);
  assert.ok(first?.kind === "group");
  view.openGroups.add(first.group.key);
  const { rows: members } = first.group;
  const closedCount = view.count;
  view.rebuild(snapshot, settings({ grouping: "process" }));
  assert.equal(view.count, closedCount + members);
  const lastMember = view.item(members);
  assert.equal(lastMember?.kind === "connection" && lastMember.branch, "last");
});

test("the filter decides what is shown and counted", () => {
  const snapshot = sampleSnapshot(100, 2);
  const view = new TableView();
  view.rebuild(snapshot, settings({ predicate: (row) => row.protocol === "UDP" }));
  const expected = snapshot.connections.filter((row) => row.protocol === "UDP").length;
  assert.ok(expected > 0);
  assert.equal(view.matched, expected);
  assert.equal(view.candidates, 100);
  assert.ok(shownRows(view).every((row) => row.protocol === "UDP"));
});

test("columns never overlap or leave their room, and the essential ones stay longest", () => {
  for (let width = 1; width <= 300; width++) {
    const placed = layoutColumns(columns, width);
    let end = -1;
    for (const { x, width: room } of placed) {
      assert.ok(x > end, `width ${width}`);
      end = x + room;
    }
    assert.ok(end <= width, `width ${width}: columns end at ${end}`);
  }
  const at80 = layoutColumns(columns, 76).map(({ column: one }) => one.id);
  assert.deepEqual(at80, ["process", "remote", "application", "state", "rxRate", "txRate"]);
  const kept = columns.filter((one) => one.optional !== true);
  assert.equal(layoutColumns(kept, 195).length, kept.length);
});
