import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import fc from "../fast-check.ts";
import { WriteQueue } from "../../src/app/record/write-queue.ts";
import { directAlignment, setDirectWrites } from "../../src/host/linux/direct-writes.ts";
import { mapShared, unmap } from "../../src/host/linux/system-calls.ts";

const pages = 16;

describe("the write queue", () => {
  let directory: string;
  let memory: ArrayBuffer;
  let backing: number;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), "socklens-queue-"));
    // Memory that begins at a page, as a packet ring's does.
    backing = openSync(join(directory, "memory"), "w+");
    writeSync(backing, new Uint8Array(pages * directAlignment).fill(1));
    const mapped = mapShared(backing, pages * directAlignment, true);
    assert.ok(mapped !== undefined);
    memory = mapped;
    const bytes = new Uint8Array(memory);
    for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 2_654_435_761) >>> 24;
  });

  after(() => {
    unmap(memory);
    closeSync(backing);
    rmSync(directory, { recursive: true });
  });

  const piece = fc.record({
    page: fc.nat(pages - 1),
    length: fc.integer({ min: 1, max: 5000 }),
    aligned: fc.boolean(),
  });

  /** Writes pieces through a queue; what the file holds, and what it should. */
  async function written(
    pieces: readonly { page: number; length: number; aligned: boolean }[],
    mostWaiting: number,
  ): Promise<{ held: Buffer; expected: Buffer; done: number[] }> {
    const path = join(directory, "file");
    const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND);
    const failures: unknown[] = [];
    const done: number[] = [];
    const queue = new WriteQueue((error) => failures.push(error), { set: setDirectWrites, mostWaiting });
    const all: Uint8Array[] = [];
    let at = 0;
    for (const [index, { page, length, aligned }] of pieces.entries()) {
      // Aligned pieces may only stand where the file is aligned.
      const isAligned = aligned && at % directAlignment === 0;
      const bytes = new Uint8Array(
        memory,
        page * directAlignment,
        isAligned ? directAlignment : Math.min(length, 4000),
      );
      queue.push(fd, bytes, () => done.push(index), isAligned);
      all.push(bytes);
      at += bytes.length;
    }
    await queue.drained();
    closeSync(fd);
    assert.deepEqual(failures, []);
    return { held: readFileSync(path), expected: Buffer.concat(all), done };
  }

  test("pieces stand in the file in their order, past the page cache or through it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 60 }),
        fc.constantFrom(0, 3 * directAlignment, Infinity),
        async (pieces, mostWaiting) => {
          const { held, expected, done } = await written(pieces, mostWaiting);
          assert.ok(held.equals(expected));
          assert.deepEqual(done, [...pieces.keys()], "each is done once, in order");
        },
      ),
    );
  });

  test("aligned pieces go past the cache while few bytes wait, and the descriptor is put back", async () => {
    const fd = openSync(join(directory, "states"), "w");
    const states: boolean[] = [];
    const set = (_: number, on: boolean): boolean => states.push(on) > 0;
    const queue = new WriteQueue(assert.fail, { set, mostWaiting: directAlignment });
    const page = new Uint8Array(memory, 0, directAlignment);
    queue.push(fd, page, undefined, true);
    await queue.drained();
    assert.deepEqual(states, [true]);
    queue.push(fd, page.subarray(0, 10));
    await queue.drained();
    assert.deepEqual(states, [true, false]);
    // The first is on its way when the others come; then two wait, which is more than asked for.
    for (let count = 0; count < 3; count++) queue.push(fd, page, undefined, true);
    await queue.drained();
    assert.deepEqual(states, [true, false, true, false]);
    closeSync(fd);
  });

  test("a file system that refuses such writes gets them through the cache", async () => {
    const path = join(directory, "refused");
    const fd = openSync(path, "w");
    const queue = new WriteQueue(assert.fail, { set: () => false, mostWaiting: Infinity });
    assert.equal(queue.takesAligned, true);
    const page = new Uint8Array(memory, 0, directAlignment);
    queue.push(fd, page, undefined, true);
    assert.equal(queue.takesAligned, false);
    await queue.drained();
    assert.ok(readFileSync(path).equals(page));
    closeSync(fd);
  });

  test("a write that is refused for its alignment is made again through the cache", async () => {
    const path = join(directory, "unaligned");
    const fd = openSync(path, "w");
    const queue = new WriteQueue(assert.fail, { set: setDirectWrites, mostWaiting: Infinity });
    const bytes = new Uint8Array(memory, 3, 1001);
    queue.push(fd, bytes, undefined, true);
    await queue.drained();
    assert.ok(readFileSync(path).equals(bytes));
    closeSync(fd);
  });

  test("after a failure what has a `done` is given up, and what has none is still tried", async () => {
    const full = openSync("/dev/full", "w");
    const path = join(directory, "salvaged");
    const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND);
    for (const [salvages, expected] of [
      [false, []],
      [true, [2, 4]],
    ] as const) {
      const failures: unknown[] = [];
      const queue = new WriteQueue((error) => failures.push(error), undefined, salvages);
      const done: boolean[] = [];
      const note = (isWritten: boolean): number => done.push(isWritten);
      queue.push(full, Uint8Array.of(0));
      queue.push(fd, Uint8Array.of(1), note);
      queue.push(fd, Uint8Array.of(2));
      await queue.drained();
      queue.push(fd, Uint8Array.of(3), note);
      queue.push(fd, Uint8Array.of(4));
      await queue.drained();
      assert.equal(failures.length, 1);
      assert.deepEqual(done, [false, false]);
      assert.equal(queue.waiting, 0);
      assert.deepEqual([...readFileSync(path)], expected);
    }
    closeSync(fd);
    closeSync(full);
  });

  test("half a piece is taken out of its file again when there is no room for the rest", () => {
    const path = join(directory, "limited");
    const module = new URL("../../src/app/record/write-queue.ts", import.meta.url).href;
    const script = `
      import { openSync } from "node:fs";
      import { WriteQueue } from ${JSON.stringify(module)};
      const fd = openSync(${JSON.stringify(path)}, "a");
      const queue = new WriteQueue((error) => console.log(error.code), undefined, true);
      for (const length of [400, 2000, 8]) queue.push(fd, new Uint8Array(length), (isWritten) => console.log(length, isWritten));
      queue.push(fd, new Uint8Array(9));
      queue.push(fd, new Uint8Array(2000));
      queue.push(fd, new Uint8Array(1));
      await queue.drained();`;
    // One block of 512 or 1024 bytes: the second piece fits in part.
    const limited = `trap "" XFSZ; ulimit -f 1; exec "$0" --input-type=module -e "$1"`;
    const { stdout } = spawnSync("sh", ["-c", limited, process.execPath, script], { encoding: "utf8" });
    assert.equal(stdout, "400 true\nEFBIG\n2000 false\n8 false\n");
    assert.equal(readFileSync(path).length, 410);
  });
});
