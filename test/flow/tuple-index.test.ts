import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { TupleIndex } from "../../src/flow/tuple-index.ts";
import { TupleKey } from "../../src/flow/tuple-key.ts";

const keyOf = (
  source: string,
  sourcePort: number,
  destination: string,
  destinationPort: number,
  protocol = 6,
): TupleKey => {
  const key = new TupleKey();
  key.setText(source, sourcePort, destination, destinationPort, protocol);
  return key;
};

test("a key is the same for both directions and tells them apart", () => {
  const there = keyOf("192.0.2.1", 1000, "198.51.100.1", 80);
  const back = keyOf("198.51.100.1", 80, "192.0.2.1", 1000);
  assert.deepEqual(there.words, back.words);
  assert.notEqual(there.swapped, back.swapped);
});

test("addresses from bytes and from text give the same key", () => {
  const bytes = new Uint8Array([192, 0, 2, 1, 198, 51, 100, 1]);
  const fromBytes = new TupleKey();
  fromBytes.setBytes(bytes, 0, 4, 4, 1000, 80, 6);
  assert.deepEqual(fromBytes.words, keyOf("192.0.2.1", 1000, "198.51.100.1", 80).words);
  const long = new Uint8Array(32);
  long.set([0x20, 0x01, 0x0d, 0xb8], 0);
  long[15] = 1;
  long.set([0x20, 0x01, 0x0d, 0xb8], 16);
  long[31] = 2;
  fromBytes.setBytes(long, 0, 16, 16, 1, 2, 17);
  assert.deepEqual(fromBytes.words, keyOf("2001:db8::1", 1, "2001:db8::2", 2, 17).words);
});

test("protocols without ports have one key for a pair of addresses, unspecified addresses one of both families", () => {
  assert.deepEqual(
    keyOf("192.0.2.1", 7, "198.51.100.1", 9, 1).words,
    keyOf("192.0.2.1", 0, "198.51.100.1", 0, 1).words,
  );
  assert.deepEqual(keyOf("0.0.0.0", 7, "192.0.2.1", 9).words, keyOf("::", 7, "192.0.2.1", 9).words);
  const cleared = keyOf("192.0.2.1", 7, "198.51.100.1", 9);
  cleared.clearAddress(cleared.swapped ? 1 : 0);
  assert.deepEqual(cleared.words, keyOf("", 7, "198.51.100.1", 9).words);
});

test("clearing an address keeps track of the direction", () => {
  fc.assert(
    fc.property(
      fc.ipV4(),
      fc.ipV4(),
      fc.nat(65535),
      fc.nat(65535),
      (source, destination, sourcePort, destinationPort) => {
        fc.pre(source !== destination && source !== "0.0.0.0" && destination !== "0.0.0.0");
        const key = keyOf(source, sourcePort, destination, destinationPort);
        const expected = keyOf("", sourcePort, destination, destinationPort);
        key.clearAddress(key.swapped ? 1 : 0);
        assert.deepEqual([...key.words, key.swapped], [...expected.words, expected.swapped]);
      },
    ),
  );
});

test("finds what was added and not removed, like a map of lists", () => {
  const step = fc.record({ port: fc.nat(40), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const index = new TupleIndex<{ port: number }>();
      const model = new Map<number, { port: number; entry: number }[]>();
      for (const { port, remove } of steps) {
        const list = model.get(port) ?? [];
        model.set(port, list);
        if (remove && list.length > 0) index.remove(list.splice(list.length >> 1, 1)[0]!.entry);
        else if (!remove) {
          const value = { port, entry: -1 };
          value.entry = index.add(keyOf("192.0.2.1", port, "198.51.100.1", 80), value);
          list.unshift(value);
        }
      }
      let size = 0;
      for (const [port, list] of model) {
        const found: object[] = [];
        const first = index.find(keyOf("198.51.100.1", 80, "192.0.2.1", port));
        for (let entry = first; entry >= 0; entry = index.next(entry)) found.push(index.value(entry)!);
        assert.deepEqual(found, list);
        size += list.length;
      }
      assert.equal(index.size, size);
    }),
    { numRuns: 200 },
  );
});

test("keeps thousands of tuples apart while it grows and shrinks", () => {
  const index = new TupleIndex<{ id: number }>();
  const entries: number[] = [];
  const key = new TupleKey();
  const set = (id: number): TupleKey => {
    key.setText(`10.${id >> 16}.${(id >> 8) & 255}.${id & 255}`, 1, "192.0.2.1", 2, 6);
    return key;
  };
  for (let id = 0; id < 20_000; id++) entries.push(index.add(set(id), { id }));
  for (let id = 0; id < 20_000; id += 2) index.remove(entries[id]!);
  for (let id = 0; id < 20_000; id++) {
    const entry = index.find(set(id));
    assert.equal(entry < 0 ? undefined : index.value(entry)!.id, id % 2 === 0 ? undefined : id);
  }
  assert.equal(index.size, 10_000);
  assert.throws(() => index.remove(entries[0]!));
});
