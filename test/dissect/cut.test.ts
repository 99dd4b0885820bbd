import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { inspect, readFlows } from "./replay.ts";
import type { Identification } from "../../src/dissect/index.ts";
import type { RecordedFlow } from "./replay.ts";

/** Payload that is left of a frame when captures keep 96 or 128 bytes of it (Ethernet, IPv4, UDP). */
const lengths = [54, 86];
/** What says nothing in its first bytes: a search in text, a SOAP envelope, a handshake of fixed length. */
const silent: ReadonlySet<string> = new Set(["bittorrent", "openvpn", "rtmp", "tls", "wsd"]);
/** What is told from another by what was cut away, or comes behind it: by the name that is left. */
const partial: ReadonlySet<string> = new Set([
  "grpc named http2",
  "websocket named http",
  "tls named xmpp",
  "tls named ldap",
]);

function inspectCut(flow: RecordedFlow, length: number): Identification | undefined {
  const payloads = flow.payloads.map((payload) => ({ ...payload, bytes: payload.bytes.subarray(0, length) }));
  return inspect(flow, payloads).inspector.identification;
}

describe("a capture that keeps the first bytes of each frame", () => {
  const fixtures = join(import.meta.dirname, "fixtures");
  for (const file of readdirSync(fixtures).filter((name) => name.endsWith(".pcap"))) {
    test(`of ${file} names its flows, and none of them wrong`, () => {
      for (const flow of readFlows(join(fixtures, file))) {
        const whole = inspect(flow).inspector.identification;
        if (whole?.by !== "payload") continue;
        for (const length of lengths) {
          const found = inspectCut(flow, length);
          const isNamed = found?.by === "payload";
          const isRight: boolean =
            isNamed && (found.name === whole.name || partial.has(`${whole.name} named ${found.name}`));
          const isSilent: boolean = !isNamed && silent.has(whole.name);
          assert.ok(isRight || isSilent, `${whole.name} is ${found?.name} by ${found?.by} from ${length} bytes`);
        }
      }
    });
  }
});
