import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "../fast-check.ts";
import { cryptography } from "../../src/app/cryptography.ts";
import { createInspectorFactory, inspectorLimits, portHint, protocols } from "../../src/dissect/index.ts";
import { inspect, readFlows } from "./replay.ts";
import type { Payload, RecordedFlow } from "./replay.ts";

const fixture = (name: string): RecordedFlow[] => readFlows(join(import.meta.dirname, "fixtures", `${name}.pcap`));
const recorded = ["dns", "http", "quic-1", "quic-2", "ssh", "tls-1.2", "tls-1.3", "tls-resumed"].flatMap(fixture);
const streams = recorded.filter(({ transport }) => transport === "tcp");

/** The bytes of one direction from the stream's start, as far as they join. */
function joined(flow: RecordedFlow, toServer: boolean): Uint8Array {
  const side = flow.payloads.filter((payload) => payload.toServer === toServer);
  const syn = side.find((payload) => payload.syn);
  assert.ok(syn !== undefined);
  const out: number[] = [];
  for (const { sequence, bytes } of side) {
    const at = (sequence - syn.sequence - 1) | 0;
    if (at === out.length) out.push(...bytes);
  }
  return Uint8Array.from(out);
}

const clientStart = 0xffff_ff00;
const serverStart = 17;

/** A segment of a side's stream, `from` to `to`. */
function segment(toServer: boolean, bytes: Uint8Array, from: number, to: number): Payload {
  const sequence = ((toServer ? clientStart : serverStart) + 1 + from) | 0;
  return { toServer, sequence, syn: false, bytes: bytes.slice(from, to), wireLength: to - from };
}

function syn(toServer: boolean): Payload {
  const sequence = toServer ? clientStart : serverStart;
  return { toServer, sequence, syn: true, bytes: new Uint8Array(0), wireLength: 0 };
}

/** Cuts a side's stream at `cuts` (shares of its length). */
function cutAt(toServer: boolean, bytes: Uint8Array, cuts: readonly number[]): Payload[] {
  const places = [0, ...cuts.map((cut) => Math.floor(cut * bytes.length)), bytes.length].sort((a, b) => a - b);
  const pieces: Payload[] = [];
  for (let index = 1; index < places.length; index++) {
    if (places[index]! > places[index - 1]!) pieces.push(segment(toServer, bytes, places[index - 1]!, places[index]!));
  }
  return pieces;
}

const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const anyStream = fc.constantFrom(...streams);

/** What the flow is found to be when each side's stream comes in one piece. */
function inOnePiece(flow: RecordedFlow): unknown {
  const payloads = [true, false].flatMap((toServer) => [syn(toServer), ...cutAt(toServer, joined(flow, toServer), [])]);
  const found = inspect(flow, payloads).inspector.identification;
  assert.equal(found?.by, "payload");
  return found;
}

describe("a valid stream", () => {
  test("is identified the same however it is cut into segments", () => {
    fc.assert(
      fc.property(anyStream, fc.array(share, { maxLength: 12 }), fc.array(share, { maxLength: 12 }), (flow, a, b) => {
        const client = cutAt(true, joined(flow, true), a);
        const server = cutAt(false, joined(flow, false), b);
        const found = inspect(flow, [syn(true), syn(false), ...client, ...server]).inspector.identification;
        assert.deepEqual(found, inOnePiece(flow));
      }),
      { numRuns: 300 },
    );
  });

  test("is identified the same when segments come out of order, twice and overlapping", () => {
    const cuts = fc.uniqueArray(share, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anyStream, cuts, cuts, fc.infiniteStream(fc.nat()), (flow, a, b, order) => {
        const sides = [true, false].map((toServer, side) => {
          const bytes = joined(flow, toServer);
          const pieces = cutAt(toServer, bytes, side === 0 ? a : b);
          const from = Math.floor((pieces.length * bytes.length) / 7) % bytes.length;
          const extra = segment(toServer, bytes, from, Math.min(bytes.length, from + 300));
          const shuffled = [...pieces, extra].map((piece) => ({ piece, key: Number(order.next().value) }));
          return [syn(toServer), ...shuffled.sort((x, y) => x.key - y.key).map(({ piece }) => piece)];
        });
        assert.deepEqual(inspect(flow, sides.flat()).inspector.identification, inOnePiece(flow));
      }),
      { numRuns: 300 },
    );
  });

  test("is named right or not at all when the capture cuts it after any byte", () => {
    for (const flow of streams) {
      const name = inspect(flow).inspector.identification!.name;
      for (const toServer of [true, false]) {
        const bytes = joined(flow, toServer).subarray(0, 700);
        for (let length = 1; length < bytes.length; length++) {
          const cut = { ...segment(toServer, bytes, 0, length), wireLength: bytes.length };
          const found = inspect({ ...flow, client: "a 40000", server: "b 40001" }, [syn(toServer), cut]).inspector;
          if (found.identification !== undefined)
            assert.equal(found.identification.name, name, `after ${length} bytes`);
        }
      }
    }
  });

  test("does not name another protocol when it is joined in its middle", () => {
    fc.assert(
      fc.property(anyStream, share, (flow, where) => {
        const bytes = joined(flow, false);
        const from = Math.floor(where * bytes.length);
        const found = inspect({ ...flow, client: "a 40000", server: "b 40001" }, [
          segment(false, bytes, from, bytes.length),
        ]).inspector.identification;
        const names = [inspect(flow).inspector.identification!.name, undefined];
        assert.ok(names.includes(found?.name), `${found?.name} from ${from}`);
      }),
      { numRuns: 500 },
    );
  });
});

test("a datagram that was cut after any byte is named right or not at all", () => {
  for (const flow of recorded.filter(({ transport }) => transport === "udp")) {
    const name = inspect(flow).inspector.identification!.name;
    for (const payload of flow.payloads.slice(0, 2)) {
      for (let length = 1; length < payload.bytes.length; length++) {
        const cut = { ...payload, bytes: payload.bytes.slice(0, length) };
        const found = inspect({ ...flow, client: "a 40000", server: "b 40001" }, [cut]).inspector.identification;
        if (found !== undefined) assert.equal(found.name, name, `after ${length} bytes`);
      }
    }
  }
});

test("bytes of other flows change nothing", () => {
  const noise = fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 200 })), { maxLength: 8 });
  fc.assert(
    fc.property(fc.constantFrom(...recorded), fc.constantFrom(...recorded), noise, (flow, other, bytes) => {
      const create = createInspectorFactory({ crypto: cryptography });
      const alone = inspect(flow).inspector.identification;
      const ports = flow.server.split(" ").map(Number);
      const mine = create(flow.transport, 40_000, ports[1]!);
      const theirs = create(other.transport, 40_000, ports[1]!);
      const noisy = create(flow.transport, 40_000, ports[1]!);
      for (const [index, payload] of flow.payloads.entries()) {
        const further = other.payloads[index];
        const [toServer, junk] = bytes[index] ?? [true, new Uint8Array(0)];
        if (flow.transport === "tcp") {
          noisy.segment(toServer, index, false, junk, junk.length);
          mine.segment(payload.toServer, payload.sequence, payload.syn, payload.bytes, payload.wireLength);
        } else {
          noisy.datagram(toServer, junk, junk.length);
          mine.datagram(payload.toServer, payload.bytes, payload.wireLength);
        }
        if (further === undefined) continue;
        if (other.transport === "udp") theirs.datagram(further.toServer, further.bytes, further.wireLength);
        else theirs.segment(further.toServer, further.sequence, further.syn, further.bytes, further.wireLength);
      }
      assert.deepEqual(mine.identification, alone);
    }),
    { numRuns: 300 },
  );
});

describe("arbitrary bytes", () => {
  const port = fc.oneof(fc.nat(65_535), fc.constantFrom(22, 53, 80, 443, 853, 5353));
  const payload = fc.record({
    toServer: fc.boolean(),
    sequence: fc.oneof(fc.nat(40), fc.integer()),
    syn: fc.boolean(),
    bytes: fc.uint8Array({ maxLength: 300, size: "max" }),
    extra: fc.nat(3),
  });

  test("never throw, and are given up after a stated number of segments or datagrams", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("tcp" as const, "udp" as const),
        port,
        port,
        fc.array(payload),
        (transport, a, b, all) => {
          const inspector = createInspectorFactory({ crypto: cryptography })(transport, a, b);
          const hint = portHint(transport, a, b);
          assert.deepEqual(inspector.identification, hint);
          const counts = { client: 0, server: 0 };
          for (const { toServer, sequence, syn, bytes, extra } of all) {
            if (bytes.length + extra > 0 && !inspector.finished) counts[toServer ? "client" : "server"]++;
            if (transport === "tcp") inspector.segment(toServer, sequence, syn, bytes, bytes.length + extra);
            else inspector.datagram(toServer, bytes, bytes.length + extra);
          }
          const isEndless = protocols.some(
            ({ name, endless }) => endless === true && name === inspector.identification?.name,
          );
          if (!isEndless) assert.ok(Math.max(counts.client, counts.server) <= inspectorLimits.segments);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("a port alone is presented as a hint", () => {
    const inspector = createInspectorFactory({ crypto: cryptography })("tcp", 50_000, 443);
    for (const toServer of [true, false]) {
      inspector.segment(toServer, 0, true, new Uint8Array(0), 0);
      inspector.segment(toServer, 1, false, Uint8Array.of(0xee, 0xfe, 1, 0xff, 3, 4, 5, 6, 7, 8), 10);
    }
    assert.deepEqual(inspector.identification, { name: "tls", by: "port", facts: {} });
    assert.equal(inspector.finished, true);
  });
});
