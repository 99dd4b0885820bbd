/**
 * Mixed traffic made from the project's own fixtures: each fixture is played again and again with other addresses, many
 * at a time, and some go on with a transfer of large packets. The same seed gives the same file.
 */
import { closeSync, openSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { CaptureFileReader, FrameBatch, PcapWriter } from "../../src/files/index.ts";
import { Random } from "../../src/host/fake/index.ts";
import { epochMillis } from "../../src/model/index.ts";
import { decode, Packet } from "../../src/wire/index.ts";

const ethernet = 1;
/** Conversations under way at any time. */
const lanes = 256;
/** Of a hundred packets so many belong to transfers, as far as the seed has it so. */
const transferShare = 65;
/** Bytes of payload of each of its packets. */
const transferPayload = 1400;
/** Fixtures that go on with a transfer; of captures without these names, one in nine. */
const transferable: ReadonlySet<string> = new Set(["http", "tls-1.2", "tls-1.3", "quic-1", "wireguard", "sftp"]);
/** Mean distance of two packets: 20,000 a second, so that a large file lasts long enough for rows to age. */
const microsecondsApart = 50;

interface Fixture {
  readonly name: string;
  readonly frames: readonly Uint8Array[];
  /** Frames before which a transfer fits: those that end the conversation. */
  readonly end: number;
  /** Frame of the side that sends the transfer, and of the side that acknowledges it (TCP). */
  readonly data: number;
  readonly acknowledgement: number;
}

export interface MixedTraffic {
  readonly packets: number;
  readonly bytes: number;
  readonly fixtures: number;
  readonly conversations: number;
}

/** Reads all captures of a folder; only Ethernet, since a pcap file has one link type. */
function readFixtures(folder: string): Fixture[] {
  const fixtures: Fixture[] = [];
  for (const file of readdirSync(folder).toSorted()) {
    if (!/\.p?cap(ng)?$/.test(file)) continue;
    const descriptor = openSync(join(folder, file), "r");
    const reader = new CaptureFileReader(descriptor);
    const batch = new FrameBatch();
    const frames: Uint8Array[] = [];
    while (reader.next(batch)) {
      for (let index = 0; index < batch.count; index++) {
        const { linkType, bytes } = batch.frame(index);
        if (linkType === ethernet) frames.push(bytes.slice());
      }
    }
    closeSync(descriptor);
    if (frames.length > 0) fixtures.push(describe(file.replace(/\.\w+$/, ""), frames));
  }
  return fixtures;
}

function describe(name: string, frames: readonly Uint8Array[]): Fixture {
  const packet = new Packet();
  let end = frames.length;
  let data = -1;
  let acknowledgement = -1;
  let clientPort = -1;
  for (const [index, bytes] of frames.entries()) {
    decode(ethernet, bytes, bytes.length, bytes.length, packet);
    if (packet.ipVersion !== 4 || packet.hasInner || (packet.protocolNumber !== 6 && packet.protocolNumber !== 17))
      continue;
    if (clientPort < 0) clientPort = packet.sourcePort;
    if ((packet.tcpFlags & 1) !== 0) {
      end = index;
      break;
    }
    if (packet.sourcePort === clientPort) acknowledgement = index;
    else if (packet.payloadLength > 0) data = index;
  }
  return { name, frames, end, data, acknowledgement };
}

/** A conversation that is being played. */
interface Lane {
  fixture: Fixture;
  copy: number;
  next: number;
  /** Packets of its transfer that are still to come, and that went by. */
  left: number;
  sent: number;
}

/** Writes `packets` frames to a pcap file. */
export function writeMixedTraffic(path: string, folder: string, packets: number): MixedTraffic {
  const fixtures = readFixtures(folder);
  if (fixtures.length === 0) throw new Error(`no Ethernet captures in ${folder}`);
  const random = new Random(4242);
  const descriptor = openSync(path, "w");
  const writer = new PcapWriter(
    (bytes) => {
      for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    },
    { linkType: ethernet },
  );
  const player = new Player(fixtures, random);
  let micros = 0;
  let bytes = 0;
  for (let count = 0; count < packets; count++) {
    const frame = player.next();
    micros += 1 + random.integer(2 * microsecondsApart - 1);
    const seconds = 1_767_225_600 + Math.floor(micros / 1e6);
    writer.frame({ time: epochMillis(0), seconds, nanoseconds: (micros % 1e6) * 1000, bytes: frame });
    bytes += frame.length;
  }
  writer.flush();
  closeSync(descriptor);
  return { packets, bytes, fixtures: fixtures.length, conversations: player.conversations };
}

class Player {
  conversations = 0;
  readonly #fixtures: readonly Fixture[];
  readonly #random: Random;
  readonly #transferring: ReadonlySet<Fixture>;
  readonly #lanes: Lane[] = [];
  readonly #packet = new Packet();
  readonly #payload: Uint8Array;

  constructor(fixtures: readonly Fixture[], random: Random) {
    this.#fixtures = fixtures;
    this.#random = random;
    const able = fixtures.filter(({ data }) => data >= 0);
    const named = able.filter(({ name }) => transferable.has(name));
    this.#transferring = new Set(named.length > 0 ? named : able.filter((_, index) => index % 9 === 0));
    this.#payload = Uint8Array.from({ length: transferPayload }, () => random.integer(256));
    for (let index = 0; index < lanes; index++) this.#lanes.push(this.#begin());
  }

  /** The next frame of one of the conversations; its own copy. */
  next(): Uint8Array {
    const place = this.#random.integer(lanes);
    const lane = this.#lanes[place]!;
    const { fixture } = lane;
    let frame: Uint8Array;
    if (lane.next === fixture.end && lane.left > 0) {
      lane.left--;
      frame = this.#transfer(lane);
    } else {
      frame = fixture.frames[lane.next++]!.slice();
      this.#readdress(frame, lane.copy);
    }
    if (lane.next === fixture.frames.length && lane.left === 0) this.#lanes[place] = this.#begin();
    return frame;
  }

  #begin(): Lane {
    const fixture = this.#fixtures[this.conversations % this.#fixtures.length]!;
    const transfers = this.#transferring.has(fixture);
    return { fixture, copy: this.conversations++, next: 0, left: transfers ? this.#length() : 0, sent: 0 };
  }

  /** So long that transfers have their share of all packets. */
  #length(): number {
    const plain = this.#fixtures.reduce((sum, { frames }) => sum + frames.length, 0);
    const mean = (plain * transferShare) / (100 - transferShare) / this.#transferring.size;
    // Few are long and most are short, as everywhere.
    return Math.round(this.#random.integer(4) === 0 ? mean * 3.4 : mean * 0.2);
  }

  /** Data, data, acknowledgement; UDP: data only. */
  #transfer(lane: Lane): Uint8Array {
    const { fixture } = lane;
    const template = fixture.frames[fixture.data]!;
    const packet = this.#packet;
    decode(ethernet, template, template.length, template.length, packet);
    const isTcp = packet.protocolNumber === 6;
    if (isTcp && lane.left % 3 === 0 && fixture.acknowledgement >= 0) {
      const frame = fixture.frames[fixture.acknowledgement]!;
      decode(ethernet, frame, frame.length, frame.length, packet);
      const bare = frame.slice(0, packet.payloadOffset);
      this.#resize(bare, packet);
      this.#readdress(bare, lane.copy);
      return bare;
    }
    const frame = new Uint8Array(packet.payloadOffset + transferPayload);
    frame.set(template.subarray(0, packet.payloadOffset));
    frame.set(this.#payload, packet.payloadOffset);
    // What tells a protocol's messages apart stands first in each datagram.
    if (!isTcp) frame.set(template.subarray(packet.payloadOffset, packet.payloadOffset + 8), packet.payloadOffset);
    if (isTcp) {
      const sequence = packet.tcpSequence + packet.payloadLength + lane.sent * transferPayload;
      new DataView(frame.buffer).setUint32(packet.transportOffset + 4, sequence >>> 0);
    }
    lane.sent++;
    this.#resize(frame, packet);
    this.#readdress(frame, lane.copy);
    return frame;
  }

  /** Length fields of IPv4 and UDP after the payload was changed. */
  #resize(frame: Uint8Array, packet: Packet): void {
    const view = new DataView(frame.buffer);
    view.setUint16(packet.networkOffset + 2, frame.length - packet.networkOffset);
    if (packet.protocolNumber === 17) view.setUint16(packet.transportOffset + 4, frame.length - packet.transportOffset);
  }

  /**
   * Gives each copy of a fixture hosts of its own: 20 bits of the address are turned by the copy's number. Checksums stay as they were:
   * nobody who is measured asks for them.
   */
  #readdress(frame: Uint8Array, copy: number): void {
    const packet = this.#packet;
    decode(ethernet, frame, frame.length, frame.length, packet);
    if (packet.ipVersion === 0) return;
    for (const offset of [packet.sourceAddressOffset, packet.destinationAddressOffset]) {
      const first = frame[offset]!;
      const isShared = packet.ipVersion === 6 ? first === 0xff : first === 0 || first >= 224;
      if (isShared) continue;
      const at = packet.ipVersion === 6 ? offset + 5 : offset + 1;
      frame[at]! ^= copy >> 12;
      frame[at + 1]! ^= copy >> 4;
      frame[at + 2]! ^= copy << 4;
    }
  }
}
