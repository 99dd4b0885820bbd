/** Every shared capture, read and decoded, gives packets and frame bytes per 5-tuple, outermost and inside tunnels, as tshark counts them. */
import assert from "node:assert/strict";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { CaptureFileReader, FrameBatch, PcapngWriter } from "../../src/files/index.ts";
import { epochMillis, formatAddress } from "../../src/model/index.ts";
import { decode, innerPacket, ipProtocol, Packet } from "../../src/wire/index.ts";
import { sampleFrames } from "./frames.ts";

const captures = new URL("../../../shared/captures/dev/", import.meta.url);
const present = existsSync(captures);

interface Conversation {
  readonly type: string;
  readonly layer?: number;
  readonly frag?: boolean;
  readonly proto: string;
  readonly a: string;
  readonly b: string;
  readonly pkts_ab: number;
  readonly bytes_ab: number;
  readonly pkts_ba: number;
  readonly bytes_ba: number;
  readonly pkts?: number;
  readonly bytes?: number;
}

const counted: ReadonlyMap<number, string> = new Map([
  [ipProtocol.tcp, "tcp"],
  [ipProtocol.udp, "udp"],
  [ipProtocol.icmp, "icmp"],
  [ipProtocol.icmpv6, "icmpv6"],
  [ipProtocol.igmp, "igmp"],
  [ipProtocol.gre, "gre"],
  [ipProtocol.ipv6, "ipv6"],
  [88, "eigrp"],
  [89, "ospf"],
  [103, "pim"],
  [112, "vrrp"],
  [0, "ip0"],
]);

/** "tcp 10.0.0.1:80 > [2001:db8::1]:5000" to packets and bytes; and what the file holds in all. */
function countFile(path: URL): { directions: Map<string, [number, number]>; packets: number; bytes: number } {
  const directions = new Map<string, [number, number]>();
  const descriptor = openSync(path, "r");
  const reader = new CaptureFileReader(descriptor);
  const batch = new FrameBatch();
  const packet = new Packet();
  let packets = 0;
  let bytes = 0;
  try {
    while (reader.next(batch)) {
      for (let index = 0; index < batch.count; index++) {
        const wireLength = batch.wireLengths[index]!;
        packets++;
        bytes += wireLength;
        decode(
          batch.linkTypes[index]!,
          batch.bytes,
          batch.capturedLengths[index]!,
          wireLength,
          packet,
          batch.offsets[index],
        );
        let layer = 0;
        for (let at: Packet | undefined = packet; at !== undefined; at = innerPacket(at)) {
          const key = conversationOf(at);
          if (key !== undefined) add(directions, `${layer} ${key}`, 1, wireLength);
          layer++;
        }
      }
    }
  } finally {
    closeSync(descriptor);
  }
  assert.equal(reader.damage, undefined, `${path.pathname}: ${JSON.stringify(reader.damage)}`);
  return { directions, packets, bytes };
}

/** Undefined: the oracle counts no such packet. */
function conversationOf(packet: Packet): string | undefined {
  // The oracle stops at AH; `protocolNumber` is what AH protects.
  const proto = packet.hasAuthenticationHeader ? "ah" : counted.get(packet.protocolNumber);
  if (proto === undefined || packet.ipVersion === 0) return undefined;
  // A transport header that was cut off whole, by a snap length inside IPv4's options, has no 5-tuple.
  const hasPorts = packet.protocolNumber === ipProtocol.tcp || packet.protocolNumber === ipProtocol.udp;
  if (hasPorts && !packet.isFragment && packet.transportOffset < 0) return undefined;
  const source = endpoint(packet, packet.sourceAddressOffset, packet.sourcePort);
  return `${proto} ${source} > ${endpoint(packet, packet.destinationAddressOffset, packet.destinationPort)}`;
}

function endpoint(packet: Packet, offset: number, port: number): string {
  const address = formatAddress(packet.bytes, offset, packet.addressLength);
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function expectedOf(name: string): { directions: Map<string, [number, number]>; packets: number; bytes: number } {
  const lines = readFileSync(new URL(`conversations/${name}.conv.jsonl`, captures), "utf8").split("\n");
  const directions = new Map<string, [number, number]>();
  let packets = 0;
  let bytes = 0;
  for (const line of lines) {
    if (line.trim() === "") continue;
    const row = JSON.parse(line) as Conversation;
    if (row.type === "total") {
      packets = row.pkts ?? 0;
      bytes = row.bytes ?? 0;
    }
    if (row.type !== "conv" || row.layer === undefined) continue;
    add(directions, `${row.layer} ${row.proto} ${row.a} > ${row.b}`, row.pkts_ab, row.bytes_ab);
    add(directions, `${row.layer} ${row.proto} ${row.b} > ${row.a}`, row.pkts_ba, row.bytes_ba);
  }
  return { directions, packets, bytes };
}

function add(directions: Map<string, [number, number]>, key: string, packets: number, bytes: number): void {
  if (packets === 0) return;
  const sums = directions.get(key) ?? [0, 0];
  directions.set(key, [sums[0] + packets, sums[1] + bytes]);
}

test("packets and bytes of each 5-tuple of a capture made here", (context) => {
  if (!present) {
    context.diagnostic("../shared/captures/dev is not beside this checkout: nothing was compared with tshark's counts");
  }
  const frames = sampleFrames();
  const folder = mkdtempSync(join(tmpdir(), "socklens-captures-"));
  const path = join(folder, "made.pcapng");
  try {
    const parts: Uint8Array[] = [];
    const writer = new PcapngWriter((bytes) => void parts.push(bytes.slice()));
    writer.addInterface({ linkType: 1 });
    for (const bytes of [
      frames.tcpIpv4,
      frames.tcpIpv4,
      frames.tcpSyn,
      frames.qinq,
      frames.laterFragment,
      frames.gre,
      frames.ah,
    ]) {
      writer.frame({ time: epochMillis(0), bytes, wireLength: bytes.length + 100, interfaceIndex: 0 });
    }
    writer.flush();
    writeFileSync(path, Buffer.concat(parts));
    const { directions, packets, bytes } = countFile(pathToFileURL(path));
    assert.deepEqual({ packets, bytes }, { packets: 7, bytes: 1277 });
    assert.deepEqual(Object.fromEntries(directions), {
      "0 tcp 10.0.0.1:50000 > 192.0.2.2:443": [3, 2 * 206 + 174],
      "0 udp [2001:db8::1]:5353 > [2001:db8::2]:53": [1, 175],
      "0 udp 10.0.0.1:0 > 192.0.2.2:0": [1, 150],
      "0 gre 10.0.0.1:0 > 192.0.2.2:0": [1, 183],
      "1 udp 10.0.0.1:5353 > 192.0.2.2:53": [1, 183],
      "0 ah 10.0.0.1:50000 > 192.0.2.2:443": [1, 183],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const names = present ? readdirSync(new URL("pcap/", captures)).toSorted() : [];

for (const name of names) {
  test(`${name}: packets and bytes of each 5-tuple are tshark's`, () => {
    const actual = countFile(new URL(`pcap/${name}`, captures));
    const expected = expectedOf(name);
    assert.deepEqual(
      { packets: actual.packets, bytes: actual.bytes },
      { packets: expected.packets, bytes: expected.bytes },
    );
    assert.deepEqual(Object.fromEntries(actual.directions), Object.fromEntries(expected.directions));
  });
}
