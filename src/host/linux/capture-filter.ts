/**
 * Capture filters in tcpdump syntax. The system's libpcap compiles them, once, at start; the kernel runs them.
 * Classic BPF: include/uapi/linux/filter.h, 8 bytes an instruction.
 */
import koffi from "koffi";
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from "./link-type.ts";

/** libpcap's own number of LINKTYPE_RAW on Linux. */
const DLT_RAW = 12;
const INSTRUCTION = 8;
/** BPF_MAXINSNS of the kernel. */
const LONGEST = 4096;
/** Offsets from here on count from the network header, whatever the link layer (SKF_NET_OFF). */
const NETWORK_OFFSET = 0x1_0000_0000 - 0x10_0000;
/** Loads the interface's hardware type (SKF_AD_OFF + SKF_AD_HATYPE). */
const LOAD_HARDWARE_TYPE = [0x28, 0, 0, 0x1_0000_0000 - 0x1000 + 28] as const;

/** Instructions, or one line for a person. */
export type CompiledFilter =
  | { readonly program: Uint8Array }
  /** `isMistake`: the expression is wrong, not the machine. */
  | { readonly error: string; readonly isMistake: boolean };

const failed = (error: string, isMistake: boolean): CompiledFilter => ({ error, isMistake });

type ForeignFunction = (...values: unknown[]) => unknown;

interface Libpcap {
  readonly open: ForeignFunction;
  readonly compile: ForeignFunction;
  readonly error: ForeignFunction;
  readonly free: ForeignFunction;
  readonly close: ForeignFunction;
}

/** Names under which distributions install libpcap 1.x. */
const NAMES = ["libpcap.so.0.8", "libpcap.so.1", "libpcap.so"];

function loadLibpcap(): Libpcap | undefined {
  for (const name of NAMES) {
    try {
      const library = koffi.load(name);
      return {
        open: library.func("void *pcap_open_dead(int linktype, int snaplen)"),
        compile: library.func(
          "int pcap_compile(void *handle, void *program, const char *text, int optimize, uint32_t mask)",
        ),
        error: library.func("const char *pcap_geterr(void *handle)"),
        free: library.func("void pcap_freecode(void *program)"),
        close: library.func("void pcap_close(void *handle)"),
      };
    } catch {
      // Next name; a library that is not there is an answer, not a failure.
    }
  }
  return undefined;
}

/** True if this machine has a libpcap that compiles filters. */
export const haveLibpcap = (): boolean => loadLibpcap() !== undefined;

/** Compiles for frames of `linkType` (LINKTYPE_ETHERNET or LINKTYPE_RAW), keeping at most `snapLength` bytes. */
export function compileFilter(expression: string, linkType: number, snapLength = 262_144): CompiledFilter {
  if (expression.length > 65_536 || expression.includes("\0")) return failed("bad capture filter: too long", true);
  const libpcap = loadLibpcap();
  if (libpcap === undefined) {
    return failed(
      "a capture filter needs libpcap, which is not installed (Debian, Ubuntu: apt install libpcap0.8)",
      false,
    );
  }
  const handle: unknown = libpcap.open(linkType === LINKTYPE_RAW ? DLT_RAW : linkType, snapLength);
  if (handle === null) return failed("libpcap: pcap_open_dead failed", false);
  const program = new DataView(new ArrayBuffer(16));
  const bytes = new Uint8Array(program.buffer);
  try {
    // The netmask is not known: 0xffffffff is libpcap's PCAP_NETMASK_UNKNOWN.
    if (libpcap.compile(handle, bytes, expression, 1, 0xffff_ffff) !== 0) {
      return failed(`bad capture filter: ${String(libpcap.error(handle))}`, true);
    }
    const count = program.getUint32(0, true);
    const length = count * INSTRUCTION;
    const copy =
      count > LONGEST ? undefined : new Uint8Array(koffi.view(program.getBigUint64(8, true), length)).slice();
    libpcap.free(bytes);
    return copy === undefined
      ? failed(`capture filter: ${count} instructions, at most ${LONGEST}`, true)
      : { program: copy };
  } finally {
    libpcap.close(handle);
  }
}

function instruction(code: number, whenTrue: number, whenFalse: number, k: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(INSTRUCTION));
  view.setUint16(0, code, true);
  view.setUint8(2, whenTrue);
  view.setUint8(3, whenFalse);
  view.setUint32(4, k, true);
  return new Uint8Array(view.buffer);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Makes a program for raw IP read from the network header on, so that it fits any link layer. */
function fromNetworkHeader(program: Uint8Array): Uint8Array {
  const moved = program.slice();
  const view = new DataView(moved.buffer);
  for (let at = 0; at < moved.length; at += INSTRUCTION) {
    const code = view.getUint16(at, true);
    const isLoad = (code & 7) <= 1;
    const mode = code & 0xe0;
    // BPF_ABS, BPF_IND, BPF_MSH read the packet.
    const k = view.getUint32(at + 4, true);
    if (isLoad && (mode === 0x20 || mode === 0x40 || mode === 0xa0) && k < NETWORK_OFFSET) {
      view.setUint32(at + 4, (NETWORK_OFFSET + k) >>> 0, true);
    }
  }
  return moved;
}

/**
 * Compiles for a socket that sees all interfaces: Ethernet and loopback run the Ethernet program, all others the one
 * for raw IP. What only Ethernet has ("arp", "ether host") matches nothing on the others.
 */
export function compileFilterForAll(expression: string, snapLength = 262_144): CompiledFilter {
  const ethernet = compileFilter(expression, LINKTYPE_ETHERNET, snapLength);
  if ("error" in ethernet) return ethernet;
  const raw = compileFilter(expression, LINKTYPE_RAW, snapLength);
  const other = "error" in raw ? instruction(0x06, 0, 0, 0) : fromNetworkHeader(raw.program);
  const jumpPastEthernet = ethernet.program.length / INSTRUCTION;
  const program = concatenate([
    instruction(...LOAD_HARDWARE_TYPE),
    // ARPHRD_ETHER 1, ARPHRD_LOOPBACK 772.
    instruction(0x15, 2, 0, 1),
    instruction(0x15, 1, 0, 772),
    instruction(0x05, 0, 0, jumpPastEthernet),
    ethernet.program,
    other,
  ]);
  const count = program.length / INSTRUCTION;
  return count > LONGEST ? failed(`capture filter: ${count} instructions, at most ${LONGEST}`, true) : { program };
}

/** The program that keeps the first `snapLength` bytes of every frame. */
export const keepAll = (snapLength: number): Uint8Array => instruction(0x06, 0, 0, snapLength);
