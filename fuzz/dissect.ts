/**
 * Fuzzes the protocol parsers and the inspector: mutates captured and hand-made conversations, cuts, shuffles and repeats
 * their segments, and demands that nothing throws, hangs, or grows.
 *
 *   fuzz/dissect.ts [--inputs N] [--parser NAME] [--seed N]
 *
 * Inputs are a function of the seed: a failure is found again with the seed that it prints.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cryptography } from "../src/app/cryptography.ts";
import { createInspectorFactory, inspectorLimits, protocols } from "../src/dissect/index.ts";
import { examples } from "../test/dissect/examples/index.ts";
import { readFlows } from "../test/dissect/replay.ts";
import type { DissectContext, Protocol } from "../src/dissect/index.ts";

/** One message of a conversation that inputs are made from. */
interface Seed {
  readonly transport: "tcp" | "udp";
  readonly toServer: boolean;
  readonly bytes: Uint8Array;
}

/** Most that an identification may hold as JSON, and longest that one input may take. */
const maxJson = 65_536;
const maxMillis = 200;

/** A small generator of numbers (xorshift32): the same seed gives the same inputs everywhere. */
class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0 || 0x9e3779b9;
  }

  /** 0 to `bound` - 1. */
  below(bound: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return bound <= 0 ? 0 : (this.state >>> 0) % bound;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const interesting = [0, 1, 2, 3, 0x0a, 0x0d, 0x16, 0x20, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xfe, 0xff];

function mutate(random: Random, source: Uint8Array, other: Uint8Array): Uint8Array {
  let bytes = source.slice(0, 4096);
  for (let count = random.below(5); count >= 0; count--) {
    const at = random.below(bytes.length);
    switch (random.below(8)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes[at] = random.pick(interesting);
        break;
      case 2:
        bytes[at]! ^= 1 << random.below(8);
        break;
      case 3:
        bytes = bytes.slice(0, at);
        break;
      case 4: {
        const from = random.below(other.length);
        const part = other.subarray(from, from + random.below(64));
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...part, ...bytes.subarray(at)]);
        break;
      }
      case 5:
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + random.below(16))]);
        break;
      case 6:
        bytes.fill(random.pick(interesting), at, at + random.below(8));
        break;
      default:
        bytes = Uint8Array.from({ length: random.below(64) }, () => random.below(256));
    }
  }
  return bytes;
}

function readSeeds(): Seed[] {
  const fixtures = join(import.meta.dirname, "../test/dissect/fixtures");
  const seeds: Seed[] = [];
  for (const file of readdirSync(fixtures).filter((name) => name.endsWith(".pcap"))) {
    for (const { transport, payloads } of readFlows(join(fixtures, file))) {
      for (const { toServer, bytes } of payloads) if (bytes.length > 0) seeds.push({ transport, toServer, bytes });
    }
  }
  for (const { transport, messages } of Object.values(examples).flat()) {
    for (const [toServer, bytes] of messages) seeds.push({ transport, toServer, bytes });
  }
  return seeds;
}

function contextOf(protocol: Protocol, random: Random): DissectContext {
  const ports = [...protocol.ports, 40_000];
  return {
    transport: protocol.transport,
    toServer: random.below(2) === 0,
    clientPort: random.pick([40_002, ...ports]),
    serverPort: random.pick(ports),
    last: random.below(3) === 0,
    memory: {},
    crypto: cryptography,
    onName: () => undefined,
    onExpect: () => undefined,
  };
}

/** One input straight to a parser, as a growing stream or as datagrams. */
function parseDirectly(protocol: Protocol, random: Random, bytes: Uint8Array): void {
  const context = contextOf(protocol, random);
  const steps = 1 + random.below(3);
  for (let step = 1; step <= steps; step++) {
    const shown = protocol.transport === "tcp" ? bytes.subarray(0, Math.ceil((bytes.length * step) / steps)) : bytes;
    if (shown.length === 0) continue;
    protocol.probe(shown, context);
    const verdict = protocol.parse(shown, context);
    if (verdict.kind === "match" && JSON.stringify(verdict).length > maxJson) throw new Error("verdict too large");
  }
}

/** Inputs to an inspector: segments in any order, or datagrams. */
function inspect(protocol: Protocol, random: Random, messages: readonly Seed[]): void {
  const { transport, serverPort } = contextOf(protocol, random);
  const inspector = createInspectorFactory({ crypto: cryptography })(transport, 40_000, serverPort);
  let sequence = random.below(4) === 0 ? 0xffff_ff80 : 0;
  for (let count = 0; count < inspectorLimits.segments * 2 + 2; count++) {
    const { toServer, bytes } = random.pick(messages);
    const wireLength = bytes.length + (random.below(6) === 0 ? random.below(100) : 0);
    if (transport === "udp") inspector.datagram(toServer, bytes, wireLength);
    else inspector.segment(toServer, (sequence + random.below(4) * 20) | 0, random.below(20) === 0, bytes, wireLength);
    sequence = (sequence + random.below(bytes.length + 2)) | 0;
  }
  if (JSON.stringify(inspector.identification ?? null).length > maxJson) throw new Error("identification too large");
}

/** Runs `inputs` inputs against one row of the registry; throws with the input's number at the first failure. */
export function fuzzProtocol(protocol: Protocol, inputs: number, seed: number): void {
  const seeds = readSeeds().filter(({ transport }) => transport === protocol.transport);
  // Half of the inputs come from messages of this protocol itself.
  const context = contextOf(protocol, new Random(1));
  const own = seeds.filter(({ bytes, toServer }) => {
    return protocol.probe(bytes, { ...context, toServer, last: false, serverPort: protocol.ports[0] ?? 0 }) === "yes";
  });
  const run = (input: number): number => {
    const random = new Random(Math.imul(seed + 1, 0x01000193) ^ Math.imul(input + 1, 0x9e3779b1));
    const source = (): Seed => random.pick(own.length > 0 && random.below(2) === 0 ? own : seeds);
    const start = performance.now();
    const { bytes } = source();
    const mutated = mutate(random, bytes, source().bytes);
    parseDirectly(protocol, random, mutated);
    if (input % 8 === 0) inspect(protocol, random, [source(), source(), { ...source(), bytes: mutated }]);
    return performance.now() - start;
  };
  for (let input = 0; input < inputs; input++) {
    try {
      // A host that was busy elsewhere is not slow five times in a row.
      let tries = 5;
      let millis = run(input);
      while (millis > maxMillis && --tries > 0) millis = Math.min(millis, run(input));
      if (millis > maxMillis) throw new Error(`took ${millis.toFixed(0)} ms`);
    } catch (error) {
      throw new Error(`${protocol.name}/${protocol.transport}: input ${input} of seed ${seed}`, { cause: error });
    }
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      inputs: { type: "string", default: "100000" },
      parser: { type: "string" },
      seed: { type: "string", default: "1" },
    },
  });
  const chosen = protocols.filter(({ name }) => values.parser === undefined || values.parser === name);
  if (chosen.length === 0) throw new Error(`no parser "${values.parser}"`);
  for (const protocol of chosen) {
    const start = performance.now();
    fuzzProtocol(protocol, Number(values.inputs), Number(values.seed));
    const seconds = (performance.now() - start) / 1000;
    console.log(
      `${protocol.name}/${protocol.transport}: ${values.inputs} inputs in ${seconds.toFixed(1)} s, nothing found`,
    );
  }
}
