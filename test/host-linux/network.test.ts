import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { parseLinkFacts, parseNeighbour, parseRoute } from "../../src/host/linux/network.ts";

const names = new Map([[2, "eth0"]]);
const viewOf = (bytes: readonly number[]): DataView => new DataView(Uint8Array.from(bytes).buffer);

/** An attribute of rtnetlink: length and type, little-endian, and its value, padded to 4. */
const attribute = (type: number, ...value: readonly number[]): number[] => [
  value.length + 4,
  0,
  type,
  0,
  ...value,
  ...Array.from({ length: -value.length & 3 }, () => 0),
];

test("a route says where it goes, through whom and by whom it was set", () => {
  const message = viewOf([
    ...[2, 24, 0, 0, 254, 4, 0, 1, 0, 0, 0, 0],
    ...attribute(1, 198, 51, 100, 0),
    ...attribute(5, 192, 0, 2, 1),
    ...attribute(4, 2, 0, 0, 0),
    ...attribute(6, 100, 0, 0, 0),
    ...attribute(15, 254, 0, 0, 0),
  ]);
  assert.deepEqual(parseRoute(message, 0, message.byteLength, names), {
    destination: "198.51.100.0/24",
    version: 4,
    gateway: "192.0.2.1",
    interfaceName: "eth0",
    metric: 100,
    table: "main",
    protocol: "static",
    scope: "global",
    type: "unicast",
  });
});

test("a neighbour says its address, card, state and whether it routes", () => {
  const message = viewOf([
    ...[2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0x80, 1],
    ...attribute(1, 192, 0, 2, 1),
    ...attribute(2, 0, 0, 12, 18, 52, 86),
  ]);
  assert.deepEqual(parseNeighbour(message, 0, message.byteLength, names), {
    address: "192.0.2.1",
    mac: "00:00:0c:12:34:56",
    interfaceName: "eth0",
    state: "reachable",
    isRouter: true,
  });
});

test("messages of any content are read without complaint", () => {
  const parsers = [parseRoute, parseNeighbour, parseLinkFacts];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(20), fc.nat(240), (bytes, start, end) => {
      const view = new DataView(bytes.slice().buffer);
      for (const parse of parsers) parse(view, start, end, names);
    }),
    { numRuns: 3000 },
  );
});
