import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Playhead } from "../../src/app/replay/playhead.ts";
import { RememberedFindings } from "../../src/app/replay/remembered-findings.ts";
import type { Connection } from "../../src/model/index.ts";
import { rowsOf } from "./rig.ts";

const folder = join(import.meta.dirname, "../dissect/fixtures");
const captures = readdirSync(folder).filter((name) => /\.p?cap(ng)?$/.test(name));

/** Goes to a number of packets; false: the file has no more. */
async function advance(head: Playhead, packets: number): Promise<boolean> {
  for (;;) {
    const how = head.advance(Infinity, packets, () => false);
    if (how !== "wait") return how === "reached";
    await head.ready();
  }
}

/** The table at the end of a file, looked at on the way there after each `step` packets. */
async function endOf(path: string, step: number): Promise<Connection[]> {
  const descriptor = openSync(path, "r");
  const head = new Playhead({ captures: [{ descriptor, file: path }] }, {});
  for (let packets = step; await advance(head, packets); packets += step) assert.ok(rowsOf(head.look()).length > 0);
  const rows = rowsOf(head.look());
  head.close();
  closeSync(descriptor);
  return rows;
}

test("whoever looks at the table on the way changes nothing of what it holds at the end", async () => {
  assert.ok(captures.length > 50, `${captures.length} fixtures`);
  for (const name of captures) {
    const path = join(folder, name);
    assert.deepEqual(await endOf(path, 1), await endOf(path, 1e9), name);
  }
});

test("what payload told before is told again at the same places, as if it were looked at anew", async () => {
  const counts = { inspected: 0, recalled: 0 };
  // The second ones have no room for most flows.
  for (const limits of [undefined, { flows: 3, stepsOfFlow: 2, steps: 8 }]) {
    for (const name of captures) {
      const path = join(folder, name);
      const source = { captures: [{ descriptor: openSync(path, "r"), file: path }] };
      const all = new Playhead(source, {});
      const [findings, tables] = [new RememberedFindings(limits), new Map<number, Connection[]>()];
      // In steps of a fifth: what was not seen to its end is looked at again.
      await advance(all, Infinity);
      for (let packets = Math.ceil(all.packets / 5), from = packets; from <= all.packets; from += packets) {
        const [plain, again] = [new Playhead(source, {}), new Playhead(source, { findings })];
        for (const [place, rows] of tables) {
          await advance(again, place);
          assert.deepEqual(rowsOf(again.look()), rows, `${name} at ${place}, on the way to ${from}`);
        }
        await advance(plain, from);
        await advance(again, from);
        tables.set(from, rowsOf(plain.look()));
        assert.deepEqual(rowsOf(again.look()), tables.get(from), `${name} at ${from}`);
        for (const head of [plain, again]) head.close();
      }
      all.close();
      closeSync(source.captures[0]!.descriptor);
      counts.inspected += findings.inspected;
      counts.recalled += findings.recalled;
    }
  }
  assert.ok(counts.inspected > 100 && counts.recalled > 100, JSON.stringify(counts));
});
