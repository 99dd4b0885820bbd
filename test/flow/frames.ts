/** Frames for scenarios: Ethernet, IPv4 or IPv6, TCP, UDP, ICMP or ARP. Checksums are left zero: nothing here reads them. */
import { parseAddress } from "../../src/model/index.ts";

export interface FrameText {
  readonly protocol: "tcp" | "udp" | "icmp" | "igmp" | "ospf" | "gre" | "ipip" | "arp" | "lldp";
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  /** Of S, A, F, R, P. */
  readonly flags?: string;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  readonly payload?: Uint8Array;
  /** Offset in bytes and whether more follow: "0+", "1480+", "2960". */
  readonly fragment?: string;
  readonly id?: number;
}

const flagBits: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16 };

/** A tunnel between two addresses; `network` is the number of a VXLAN or Geneve network. */
export interface TunnelText {
  readonly name: "vxlan" | "geneve" | "gre" | "ipip";
  readonly source: string;
  readonly destination: string;
  readonly network: number;
}

/** The frame inside a tunnel: all of it in VXLAN and Geneve, its IPv4 packet in GRE and IP in IP. */
export function encapsulate(tunnel: TunnelText, frame: Uint8Array): Uint8Array {
  const { name, source, destination, network } = tunnel;
  const number = [network >> 16, (network >> 8) & 255, network & 255, 0];
  const ends = { source, sourcePort: 50_000, destination };
  if (name === "vxlan" || name === "geneve") {
    const header = name === "vxlan" ? [8, 0, 0, 0, ...number] : [0, 0, 0x65, 0x58, ...number];
    const destinationPort = name === "vxlan" ? 4789 : 6081;
    return buildFrame({ ...ends, protocol: "udp", destinationPort, payload: Uint8Array.of(...header, ...frame) });
  }
  const packet = frame.subarray(14);
  const body = name === "gre" ? Uint8Array.of(0, 0, 8, 0, ...packet) : packet;
  const text: FrameText = { ...ends, protocol: name, destinationPort: 0 };
  return ethernet(0x0800, ipv4(text, parseAddress(source)!, parseAddress(destination)!, body));
}

export function buildFrame(text: FrameText): Uint8Array {
  if (text.protocol === "lldp") return ethernet(0x88cc, new Uint8Array(30));
  if (text.protocol === "arp") return ethernet(0x0806, arp(text.source, text.destination));
  const source = parseAddress(text.source)!;
  const destination = parseAddress(text.destination)!;
  const body = transport(text);
  return source.length === 4
    ? ethernet(0x0800, ipv4(text, source, destination, body))
    : ethernet(0x86dd, ipv6(text, source, destination, body));
}

function ethernet(type: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(14 + body.length);
  frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, type >> 8, type & 255]);
  frame.set(body, 14);
  return frame;
}

function arp(sender: string, target: string): Uint8Array {
  const packet = new Uint8Array(28);
  packet.set([0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1]);
  packet.set(parseAddress(sender)!, 14);
  packet.set(parseAddress(target)!, 24);
  return packet;
}

const numbers = { icmp: 1, igmp: 2, ipip: 4, tcp: 6, udp: 17, gre: 47, ospf: 89 } as const;

function ipv4(text: FrameText, source: Uint8Array, destination: Uint8Array, body: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + body.length);
  const view = new DataView(packet.buffer);
  packet[0] = 0x45;
  view.setUint16(2, packet.length);
  view.setUint16(4, text.id ?? 0);
  if (text.fragment !== undefined) {
    view.setUint16(6, (text.fragment.endsWith("+") ? 0x2000 : 0) | (Number.parseInt(text.fragment, 10) >> 3));
  }
  packet[8] = 64;
  packet[9] = numbers[text.protocol as keyof typeof numbers];
  packet.set(source, 12);
  packet.set(destination, 16);
  packet.set(body, 20);
  return packet;
}

function ipv6(text: FrameText, source: Uint8Array, destination: Uint8Array, body: Uint8Array): Uint8Array {
  const packet = new Uint8Array(40 + body.length);
  const view = new DataView(packet.buffer);
  packet[0] = 0x60;
  view.setUint16(4, body.length);
  packet[6] = text.protocol === "icmp" ? 58 : numbers[text.protocol as keyof typeof numbers];
  packet[7] = 64;
  packet.set(source, 8);
  packet.set(destination, 24);
  packet.set(body, 40);
  return packet;
}

function transport(text: FrameText): Uint8Array {
  const payload = text.payload ?? new Uint8Array(0);
  if (text.fragment !== undefined && Number.parseInt(text.fragment, 10) > 0) return payload;
  const header =
    text.protocol === "tcp"
      ? tcp(text)
      : text.protocol === "udp"
        ? udp(text, payload)
        : new Uint8Array([8, 0, 0, 0, 0, 1, 0, 1]);
  const body = new Uint8Array(header.length + payload.length);
  body.set(header);
  body.set(payload, header.length);
  return body;
}

function tcp(text: FrameText): Uint8Array {
  const header = new Uint8Array(20);
  const view = new DataView(header.buffer);
  view.setUint16(0, text.sourcePort);
  view.setUint16(2, text.destinationPort);
  view.setUint32(4, text.sequence ?? 0);
  view.setUint32(8, text.acknowledgement ?? 0);
  header[12] = 0x50;
  for (const flag of text.flags ?? "A") header[13]! |= flagBits[flag] ?? 0;
  return header;
}

function udp(text: FrameText, payload: Uint8Array): Uint8Array {
  const header = new Uint8Array(8);
  const view = new DataView(header.buffer);
  view.setUint16(0, text.sourcePort);
  view.setUint16(2, text.destinationPort);
  view.setUint16(4, 8 + payload.length);
  return header;
}
