import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspectMessages } from "./converse.ts";
import { lookalikes } from "./lookalikes/index.ts";

for (const [file, list] of Object.entries(lookalikes)) {
  describe(`what looks like ${file} and is not`, () => {
    for (const { title, transport, serverPort, messages, isNot } of list) {
      test(`${isNot}: ${title}`, () => {
        for (const port of [serverPort, 40_001]) {
          const found = inspectMessages(transport, messages, { serverPort: port }).identification;
          assert.notDeepEqual([found?.name, found?.by], [isNot, "payload"]);
        }
      });
    }
  });
}
