/** Owners that RustNet and ptcpdump tell in the comments of frames. */
import { readPtcpdumpComment, readRustnetComment } from "../../export/index.ts";
import { eachOption, frameDirection, type FrameBatch, type SectionFacts } from "../../files/index.ts";
import { formatAddress, port, type ProcessInfo, type RecordedFlow } from "../../model/index.ts";
import { decode, Packet, protocolName, protocolNumberOf } from "../../wire/index.ts";

const commentOption = 1;
/** Tuples, and different comments, that are remembered. */
const tuplesAtMost = 65_536;
const commentsAtMost = 4096;
/** Comments of one frame together. */
const longestComment = 16_384;

/** What was last said of a tuple and a process. */
interface Said {
  readonly owner: ProcessInfo;
  /** When its first frame came, milliseconds since the epoch; 0: nobody was named before. */
  readonly start: number;
}

/** The oldest make way, a sixty-fourth in one go: each search for the first one passes over all that were deleted. */
function remember<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const goal = most - (most >> 6);
  for (const oldest of map.keys()) {
    if (map.size <= goal) break;
    map.delete(oldest);
  }
}

/** Reads the comments of one capture, and gives a record of each flow when one of its frames says something new. */
export class FrameComments {
  readonly #take: (flow: RecordedFlow) => void;
  readonly #packet = new Packet();
  readonly #owners = new Map<string, ProcessInfo | undefined>();
  /** By tuple: who was named first; by tuple and pid: what was said last. On loopback both ends are named by turns. */
  readonly #tuples = new Map<string, Said>();
  #comments = "";
  #isOwn = false;

  constructor(take: (flow: RecordedFlow) => void) {
    this.#take = take;
  }

  /** A section begins. In our own files records tell the owners: comments are not looked for. */
  section({ application }: SectionFacts): void {
    this.#isOwn = application?.startsWith("Socklens") === true;
  }

  /** Looks at frames before anybody else sees them. */
  batch(batch: FrameBatch): void {
    if (this.#isOwn) return;
    for (let index = 0; index < batch.count; index++) if (batch.optionLengths[index]! > 0) this.#frame(batch, index);
  }

  #frame(batch: FrameBatch, index: number): void {
    this.#comments = "";
    const from = batch.optionOffsets[index]!;
    const until = from + batch.optionLengths[index]!;
    eachOption(batch.bytes, from, until, batch.littleEndian, (code, at, length) => {
      if (code !== commentOption || this.#comments.length + length > longestComment) return;
      const { buffer, byteOffset } = batch.bytes;
      const text = Buffer.from(buffer, byteOffset + at, length).toString("utf8");
      this.#comments += this.#comments === "" ? text : `\n${text}`;
    });
    if (this.#comments === "") return;
    const owner = this.#ownerOf(this.#comments);
    if (owner !== undefined) this.#tell(batch, index, owner);
  }

  #ownerOf(comment: string): ProcessInfo | undefined {
    if (this.#owners.has(comment)) return this.#owners.get(comment);
    const owner = readRustnetComment(comment) ?? readPtcpdumpComment(comment);
    remember(this.#owners, comment, owner, commentsAtMost);
    return owner;
  }

  #tell(batch: FrameBatch, index: number, owner: ProcessInfo): void {
    const packet = this.#packet;
    const at = batch.offsets[index]!;
    const { bytes, linkTypes, capturedLengths, wireLengths, directions } = batch;
    decode(linkTypes[index]!, bytes, capturedLengths[index]!, wireLengths[index]!, packet, at);
    if (packet.ipVersion === 0) return;
    const end = (offset: number, number: number): RecordedFlow["source"] => ({
      address: formatAddress(bytes, offset, packet.addressLength),
      port: port(Math.max(0, number)),
    });
    const sender = end(packet.sourceAddressOffset, packet.sourcePort);
    const receiver = end(packet.destinationAddressOffset, packet.destinationPort);
    const protocol = protocolName(protocolNumberOf(packet));
    const tuple = [
      protocol,
      ...[sender, receiver].map(({ address, port: number }) => `${address} ${number}`).sort(),
    ].join(" ");
    const time = batch.millis(index);
    const key = `${tuple} ${owner.pid}`;
    const said = this.#tuples.get(key);
    if (said?.owner === owner) return;
    // The first frames of a flow may say nothing yet: whoever is named first had it from its beginning.
    const start = said?.start ?? (this.#tuples.has(tuple) ? time : 0);
    if (start === 0) remember(this.#tuples, tuple, { owner, start }, tuplesAtMost);
    remember(this.#tuples, key, { owner, start }, tuplesAtMost);
    const direction = directions[index];
    const isKnown = direction === frameDirection.in || direction === frameDirection.out;
    this.#take({
      protocol,
      source: sender,
      destination: receiver,
      localIsSource: isKnown ? direction === frameDirection.out : undefined,
      start,
      end: time,
      attribution: "procfs",
      process: owner,
    });
  }
}
