/**
 * A capture filter in full mode selects flows, not packets: the kernel counts in sockets, where no packet filter runs. A
 * flow is admitted when a packet of it, in either direction, would match; the packet is made up from the flow's
 * addresses, protocol and ports. What a filter asks beyond those (lengths, flags, payload) sees an empty packet.
 * Classic BPF: include/uapi/linux/bpf_common.h; Ethernet frames, as libpcap compiled the program for.
 */
import { parseAddress } from "../../model/index.ts";

/** What is known of a flow when its first packet was counted. */
export interface AdmissionFacts {
  readonly protocolNumber: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

const instructionSize = 8;
const belowIp = 0x10000;
const memoryWords = 16;
/** A program cannot loop: its jumps only go forward. */
const returned = (value: number): number => value >>> 0;

interface Machine {
  a: number;
  x: number;
  readonly memory: Uint32Array;
}

/** BPF_LD of width 4, 2 or 1 bytes; undefined beyond the packet's end, which ends the program with "no". */
function load(packet: DataView, offset: number, code: number): number | undefined {
  const width = code & 0x18;
  if (width === 0x00) return offset + 4 <= packet.byteLength ? packet.getUint32(offset) : undefined;
  if (width === 0x08) return offset + 2 <= packet.byteLength ? packet.getUint16(offset) : undefined;
  return offset + 1 <= packet.byteLength ? packet.getUint8(offset) : undefined;
}

/** BPF_LD and BPF_LDX; false when the packet is too short. */
function runLoad(machine: Machine, packet: DataView, wireLength: number, code: number, k: number): boolean {
  const intoX = (code & 7) === 1;
  let value: number | undefined;
  switch (code & 0xe0) {
    case 0x00:
      value = k;
      break;
    case 0x20:
      value = load(packet, k, code);
      break;
    case 0x40:
      value = load(packet, (machine.x + k) >>> 0, code);
      break;
    case 0x60:
      value = machine.memory[k % memoryWords];
      break;
    case 0x80:
      value = wireLength;
      break;
    case 0xa0: {
      // BPF_MSH: the length of an IPv4 header.
      const first = load(packet, k, 0x10);
      value = first === undefined ? undefined : (first & 0xf) * 4;
      break;
    }
    default:
      value = undefined;
  }
  if (value === undefined) return false;
  if (intoX) machine.x = value;
  else machine.a = value;
  return true;
}

/** BPF_ALU; false on a division by zero, which ends the program with "no". */
function runArithmetic(machine: Machine, code: number, k: number): boolean {
  const operand = (code & 8) === 0 ? k : machine.x;
  const { a } = machine;
  const results: Record<number, () => number> = {
    0x00: () => a + operand,
    0x10: () => a - operand,
    0x20: () => Math.imul(a, operand),
    0x30: () => Math.floor(a / operand),
    0x40: () => a | operand,
    0x50: () => a & operand,
    0x60: () => (operand > 31 ? 0 : a << operand),
    0x70: () => (operand > 31 ? 0 : a >>> operand),
    0x80: () => -a,
    0x90: () => a % operand,
    0xa0: () => a ^ operand,
  };
  const operation = code & 0xf0;
  if (operand === 0 && (operation === 0x30 || operation === 0x90)) return false;
  machine.a = (results[operation]?.() ?? 0) >>> 0;
  return true;
}

function jumps(machine: Machine, code: number, k: number): boolean {
  const operand = (code & 8) === 0 ? k : machine.x;
  switch (code & 0xf0) {
    case 0x10:
      return machine.a === operand;
    case 0x20:
      return machine.a > operand;
    case 0x30:
      return machine.a >= operand;
    default:
      return (machine.a & operand) !== 0;
  }
}

/** Runs a classic BPF program on a packet. Returns how many bytes it keeps: 0 is "no". Never throws. */
export function runClassicFilter(program: Uint8Array, bytes: Uint8Array, wireLength: number): number {
  const code = new DataView(program.buffer, program.byteOffset, program.length);
  const packet = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const machine: Machine = { a: 0, x: 0, memory: new Uint32Array(memoryWords) };
  for (let at = 0; at + instructionSize <= program.length; at += instructionSize) {
    const operation = code.getUint16(at, true);
    const k = code.getUint32(at + 4, true);
    switch (operation & 7) {
      case 0:
      case 1:
        if (!runLoad(machine, packet, wireLength, operation, k)) return 0;
        break;
      case 2:
        machine.memory[k % memoryWords] = machine.a;
        break;
      case 3:
        machine.memory[k % memoryWords] = machine.x;
        break;
      case 4:
        if (!runArithmetic(machine, operation, k)) return 0;
        break;
      case 5: {
        const always = (operation & 0xf0) === 0;
        const distance = always ? k : code.getUint8(at + (jumps(machine, operation, k) ? 2 : 3));
        at += distance * instructionSize;
        break;
      }
      case 6:
        return returned((operation & 0x18) === 0x10 ? machine.a : k);
      default:
        if ((operation & 0xf8) === 0x80) machine.a = machine.x;
        else machine.x = machine.a;
    }
  }
  return 0;
}

/** An Ethernet frame with the headers of a packet between the two sides and nothing in it. */
export function syntheticFrame(facts: AdmissionFacts, outgoing: boolean): Uint8Array {
  const source = parseAddress(outgoing ? facts.localAddress : facts.remoteAddress) ?? new Uint8Array(0);
  const destination = parseAddress(outgoing ? facts.remoteAddress : facts.localAddress) ?? new Uint8Array(0);
  const six = source.length === 16 || destination.length === 16;
  const frame = new Uint8Array(14 + (six ? 40 : 20) + 20);
  const view = new DataView(frame.buffer);
  const etherType = facts.protocolNumber >= belowIp ? facts.protocolNumber & 0xffff : six ? 0x86dd : 0x0800;
  view.setUint16(12, etherType);
  if (facts.protocolNumber >= belowIp) {
    // RFC 826: where an ARP packet has its addresses.
    if (etherType === 0x0806 && source.length === 4) frame.set(source, 28);
    if (etherType === 0x0806 && destination.length === 4) frame.set(destination, 38);
    return frame;
  }
  const transport = six ? 54 : 34;
  if (six) {
    frame[14] = 0x60;
    view.setUint16(18, 20);
    frame[20] = facts.protocolNumber;
    frame[21] = 64;
    if (source.length === 16) frame.set(source, 22);
    if (destination.length === 16) frame.set(destination, 38);
  } else {
    frame[14] = 0x45;
    view.setUint16(16, 40);
    frame[22] = 64;
    frame[23] = facts.protocolNumber;
    frame.set(source, 26);
    frame.set(destination, 30);
  }
  view.setUint16(transport, outgoing ? facts.localPort : facts.remotePort);
  view.setUint16(transport + 2, outgoing ? facts.remotePort : facts.localPort);
  frame[transport + 12] = 0x50;
  return frame;
}

/** Decides by a compiled capture filter which flows there are to be. */
export function admissionBy(program: Uint8Array): (facts: AdmissionFacts) => boolean {
  return (facts) =>
    [true, false].some((outgoing) => {
      const frame = syntheticFrame(facts, outgoing);
      return runClassicFilter(program, frame, frame.length) > 0;
    });
}
