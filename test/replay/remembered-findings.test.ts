import assert from "node:assert/strict";
import { test } from "node:test";
import { cryptography } from "../../src/app/cryptography.ts";
import { RememberedFindings } from "../../src/app/replay/remembered-findings.ts";
import { hex } from "../wire/frames.ts";

/** RFC 1035: who is a.b, and that it is 192.0.2.7. */
const question = hex("1234 0100 0001 0000 0000 0000 0161 0162 00 0001 0001");
const answer = hex("1234 8180 0001 0001 0000 0000 0161 0162 00 0001 0001 c00c 0001 0001 0000003c 0004 c0000207");

test("a flow that told too much takes no room from others, however often the frames are gone through", () => {
  const findings = new RememberedFindings({ flows: 10, stepsOfFlow: 1, steps: 2 });
  const pass = (): string[] => {
    const names: string[] = [];
    const inspectors = findings.createInspectors({ crypto: cryptography, onName: ({ name }) => void names.push(name) });
    const talkative = inspectors("udp", 40_000, 53);
    talkative.datagram(true, question, question.length);
    talkative.datagram(false, answer, answer.length);
    talkative.release();
    const brief = inspectors("udp", 40_001, 53);
    brief.datagram(false, answer, answer.length);
    brief.release();
    return names;
  };
  for (let nth = 0; nth < 5; nth++) assert.deepEqual(pass(), ["a.b", "a.b"], `pass ${nth}`);
  assert.deepEqual(
    [findings.inspected, findings.recalled],
    [6, 4],
    "the brief one is remembered from the first pass on",
  );
});
