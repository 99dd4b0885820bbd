import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { inspect, readFlows } from "./replay.ts";
import type { Identification } from "../../src/dissect/index.ts";
import type { Payload, RecordedFlow } from "./replay.ts";

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
  "ike named esp",
]);

function inspectCut(flow: RecordedFlow, length: number): Identification | undefined {
  const payloads = flow.payloads.map((payload) => ({ ...payload, bytes: payload.bytes.subarray(0, length) }));
  return inspect(flow, payloads).inspector.identification;
}

const fixtures = join(import.meta.dirname, "fixtures");
const files = readdirSync(fixtures).filter((name) => name.endsWith(".pcap"));

/** What other captures hold of a flow: one direction, nothing of its first turn, its second half; without SYN. */
function* parts(flow: RecordedFlow): Generator<readonly [title: string, payloads: readonly Payload[]]> {
  const sent = flow.payloads.filter(({ wireLength }) => wireLength > 0).map((payload) => ({ ...payload, syn: false }));
  const isFromClient = sent[0]?.toServer;
  yield ["of the client alone", sent.filter(({ toServer }) => toServer)];
  yield ["of the server alone", sent.filter(({ toServer }) => !toServer)];
  const answer = sent.findIndex(({ toServer }) => toServer !== isFromClient);
  yield ["without the first turn", answer < 0 ? [] : sent.slice(answer)];
  yield ["joined half-way", sent.slice(sent.length >> 1)];
}

describe("a part of what was sent", () => {
  for (const file of files) {
    test(`of ${file} is named as all of it, or not at all`, () => {
      for (const flow of readFlows(join(fixtures, file))) {
        const whole = inspect(flow).inspector.identification;
        if (whole?.by !== "payload") continue;
        for (const [title, payloads] of parts(flow)) {
          const found = inspect(flow, payloads).inspector.identification;
          if (found?.by !== "payload") continue;
          const isRight: boolean = found.name === whole.name || found.name === whole.originally;
          assert.ok(
            isRight || partial.has(`${whole.name} named ${found.name}`),
            `${whole.name} is ${found.name} ${title}`,
          );
        }
      }
    });
  }
});

describe("a capture that keeps the first bytes of each frame", () => {
  for (const file of files) {
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
