import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { protocols } from "../../src/dissect/index.ts";
import { inspectMessages } from "./converse.ts";
import { examples } from "./examples/index.ts";
import type { Message } from "./converse.ts";
import type { Example } from "./example.ts";

const foreignPort = 40_001;

/** Every byte of a message once as the last one that was captured; long ones in steps. */
function* cuts(example: Example): Generator<readonly Message[]> {
  for (const [index, [toServer, bytes]] of example.messages.entries()) {
    const step = Math.max(1, Math.floor(bytes.length / 200));
    for (let length = 1; length < bytes.length; length += step) {
      yield [...example.messages.slice(0, index), [toServer, bytes.subarray(0, length), bytes.length]];
    }
  }
}

test("every protocol of the registry has an example or a fixture of its own", () => {
  const withFixture = new Set(["dns", "mdns", "llmnr", "http", "quic", "ssh", "tls"]);
  const shown = new Set(
    Object.values(examples)
      .flat()
      .map(({ name }) => name),
  );
  const missing = protocols.map(({ name }) => name).filter((name) => !withFixture.has(name) && !shown.has(name));
  assert.deepEqual(missing, []);
});

for (const [file, list] of Object.entries(examples)) {
  describe(file, () => {
    for (const example of list) {
      const { title, transport, serverPort, clientPort = 40_000, messages, name, facts, hostname } = example;

      test(`${title}: says what is in it`, () => {
        const found = inspectMessages(transport, messages, { serverPort, clientPort }).identification;
        assert.deepEqual({ name: found?.name, by: found?.by, facts: found?.facts }, { name, by: "payload", facts });
        assert.equal(found?.hostname, hostname);
      });

      test(`${title}: is found by its structure on a port that is not its own`, () => {
        const found = inspectMessages(transport, messages, { serverPort: foreignPort }).identification;
        assert.equal(found?.name, example.needsPort === true ? undefined : name);
      });

      test(`${title}: is never taken for another when it is cut`, () => {
        for (const part of cuts(example)) {
          const found = inspectMessages(transport, part, { serverPort: foreignPort }).identification;
          const allowed = found === undefined || found.name === name || found.name === found.originally;
          const before = messages.length > 1 && Object.keys(facts).includes(found?.name ?? "");
          assert.ok(
            allowed || before,
            `${found?.name} from ${part.at(-1)?.[1].length} bytes of message ${part.length}`,
          );
        }
      });
    }
  });
}
