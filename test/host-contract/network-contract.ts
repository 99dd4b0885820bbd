/** What every source of the network tab promises, as tests; run over the fake and over the real one. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseAddress, type InterfaceInfo, type NetworkSource } from "../../src/model/index.ts";

export function networkContract(
  name: string,
  open: () => {
    readonly source: NetworkSource;
    readonly interfaces: readonly InterfaceInfo[];
    readonly close: () => void;
  },
): void {
  describe(`network source: ${name}`, () => {
    test("tells of the given interfaces, of routes and of neighbours in the words of the model", () => {
      const { source, interfaces, close } = open();
      try {
        const state = source.read(interfaces);
        assert.deepEqual(
          state.interfaces.map(({ index, addresses }) => ({ index, addresses })),
          interfaces.map(({ index, addresses }) => ({ index, addresses })),
        );
        for (const one of state.interfaces) {
          assert.ok(one.mtu > 0, `${one.name} has an MTU`);
          assert.notEqual(one.kind, "", one.name);
          assert.ok(one.rxPackets >= 0 && one.txPackets >= 0);
        }
        for (const { destination, version, gateway, source: from } of state.routes) {
          const [address = "", prefix] = destination.split("/");
          const length = version === 4 ? 4 : 16;
          if (destination !== "default") {
            assert.equal(parseAddress(address)?.length, length, destination);
            assert.ok(Number(prefix) >= 0 && Number(prefix) <= length * 8, destination);
          }
          for (const text of [gateway, from]) {
            if (text !== undefined) assert.ok(parseAddress(text) !== undefined, text);
          }
        }
        for (const { address, mac, state: reached } of state.neighbours) {
          assert.ok(parseAddress(address) !== undefined, address);
          if (mac !== undefined) assert.match(mac, /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
          assert.match(reached, /^(reachable|stale|delay|probe|failed|incomplete|permanent|none)$/);
        }
      } finally {
        close();
      }
    });

    test("tells the same when it is asked again at once", () => {
      const { source, interfaces, close } = open();
      try {
        const [first, second] = [source.read(interfaces), source.read(interfaces)];
        assert.deepEqual(second.routes, first.routes);
        assert.deepEqual(
          second.interfaces.map(({ name, mtu, kind }) => [name, mtu, kind]),
          first.interfaces.map(({ name, mtu, kind }) => [name, mtu, kind]),
        );
      } finally {
        close();
      }
    });
  });
}
