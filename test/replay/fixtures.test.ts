import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Playhead } from "../../src/app/replay/playhead.ts";
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
