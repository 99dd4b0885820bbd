/**
 * Counts what no protocol said and some protocol claims: shows fresh inspectors random bytes, and bytes with the structure that
 * many protocols share (lengths, small numbers, zeros, lines), and prints who believes them.
 *
 *   fuzz/false-claims.ts [--inputs N] [--on-ports] [--seed N]
 *
 * N inputs of each kind over TCP and over UDP, on ports that hint at nothing or, with --on-ports, on those of the registry, where
 * less is demanded. Some kinds come so near to real messages that a few claims are right; random bytes must have none.
 */
import { parseArgs } from "node:util";
import { cryptography } from "../src/app/cryptography.ts";
import { createInspectorFactory, protocols } from "../src/dissect/index.ts";

type Transport = "tcp" | "udp";
type Draw = (bound: number) => number;

/** Numbers from 0 to bound - 1 (xorshift32): the same seed gives the same inputs everywhere. */
function drawFrom(seed: number): Draw {
  let state = seed | 0 || 0x9e3779b9;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

const words = 'GET PUT USER PASS OK ERR HELLO LIST quit 200 220 * + - : $ INFO set get a b c = ; { } " /'.split(" ");
/** How real messages begin. */
const beginnings = (
  "GET |POST |SSH-|HTTP|220 |+OK|* OK|USER |PASS |NICK |CONNECT |INFO |EHLO |INVITE |RFB |\x16\x03\x01|\x80|\x05|\x04|" +
  "\x03\x00|\x00\x00\x00|PRI |{|<?xml |<iq |MQTT|\x10|\x30|\x60|\x68|\x01|\x02|\x03|\x08|\xff\xfd|\x20|\x40|\xc0|\xd0"
).split("|");

/** Each kind fills `bytes` in its own way. */
const kinds: Readonly<Record<string, (bytes: Uint8Array, draw: Draw) => void>> = {
  uniform: (bytes, draw) => fill(bytes, () => draw(256)),
  zeros: (bytes, draw) => fill(bytes, () => (draw(4) > 0 ? 0 : draw(4) > 0 ? draw(16) : draw(256))),
  big32: (bytes, draw) => fill(bytes, (at) => number(draw, at % 4 === 3)),
  big16: (bytes, draw) => fill(bytes, (at) => number(draw, at % 2 === 1)),
  little32: (bytes, draw) => fill(bytes, (at) => number(draw, at % 4 === 0)),
  length32: (bytes, draw) => {
    fill(bytes, (at) => number(draw, at % 4 === 3));
    const rest = Math.max(bytes.length - 4, 0);
    bytes.set([0, 0, rest >> 8, rest & 0xff].slice(0, bytes.length));
  },
  length16: (bytes, draw) => {
    fill(bytes, (at) => number(draw, at % 2 === 1));
    if (bytes.length >= 4) bytes.set([bytes.length >> 8, bytes.length & 0xff], 2);
  },
  text: (bytes, draw) => fill(bytes, () => 0x20 + draw(95)),
  lines: (bytes, draw) => {
    let line = "";
    fill(bytes, () => {
      if (line === "") line = words[draw(words.length)]! + [" ", " ", "\r\n", "\n"][draw(4)]!;
      const code = line.charCodeAt(0);
      line = line.slice(1);
      return code;
    });
  },
  beginnings: (bytes, draw) => {
    const beginning = beginnings[draw(beginnings.length)]!;
    fill(bytes, (at) => (at < beginning.length ? beginning.charCodeAt(at) : draw(3) === 0 ? draw(256) : 0));
  },
};

function fill(bytes: Uint8Array, value: (at: number) => number): void {
  for (let at = 0; at < bytes.length; at++) bytes[at] = value(at);
}

/** A byte of a number: the last one is small as a rule, the others are zero. */
function number(draw: Draw, isLast: boolean): number {
  if (isLast) return draw(3) > 0 ? draw(8) : draw(256);
  return draw(12) > 0 ? 0 : draw(256);
}

const create = createInspectorFactory({ crypto: cryptography });
const longest = 600;

/** What is claimed of `inputs` inputs of one kind: the names, and how often each. `ports`: on the registry's ports. */
export function claims(
  transport: Transport,
  kind: string,
  inputs: number,
  seed: number,
  onPorts: boolean,
): ReadonlyMap<string, number> {
  const draw = drawFrom(seed);
  const ports = protocols.filter((row) => row.transport === transport).flatMap((row) => row.ports);
  const found = new Map<string, number>();
  for (let input = 0; input < inputs; input++) {
    const serverPort = onPorts ? ports[draw(ports.length)]! : 40_001 + draw(100);
    const inspector = create(transport, 50_001 + draw(100), serverPort);
    const toServer = draw(4) > 0;
    let sequence = 1000;
    for (let message = 0; message <= draw(2); message++) {
      const bytes = new Uint8Array(1 + draw(draw(3) > 0 ? 64 : longest));
      kinds[kind]!(bytes, draw);
      if (transport === "tcp") inspector.segment(toServer, sequence, false, bytes, bytes.length);
      else inspector.datagram(toServer, bytes, bytes.length);
      sequence += bytes.length;
    }
    const { identification } = inspector;
    if (identification?.by === "payload") found.set(identification.name, (found.get(identification.name) ?? 0) + 1);
  }
  return found;
}

function main(): void {
  const { values } = parseArgs({
    options: {
      inputs: { type: "string", default: "100000" },
      "on-ports": { type: "boolean", default: false },
      seed: { type: "string", default: "1" },
    },
  });
  const inputs = Number(values.inputs);
  for (const transport of ["tcp", "udp"] as const) {
    let all = 0;
    for (const kind of Object.keys(kinds)) {
      const found = claims(transport, kind, inputs, Number(values.seed), values["on-ports"]);
      const count = [...found.values()].reduce((sum, value) => sum + value, 0);
      all += count;
      const names = [...found].sort((a, b) => b[1] - a[1]).map(([name, times]) => `${name} ${times}`);
      console.log(`${transport}  ${kind.padEnd(10)} ${String(count).padStart(6)} of ${inputs}  ${names.join(", ")}`);
    }
    const total = inputs * Object.keys(kinds).length;
    console.log(
      `${transport}  all        ${String(all).padStart(6)} of ${total}: ${((all / total) * 1e6).toFixed(1)} in a million\n`,
    );
  }
}

if (import.meta.main) main();
