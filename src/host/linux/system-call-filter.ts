/**
 * Seccomp (seccomp(2)): system calls that the engine never makes, and by which one that was taken over could reach what
 * Landlock does not guard. Everything else is allowed without a look at its arguments, which the kernel remembers, so
 * that it costs nothing measurable.
 */
import { addressOf, seccompFilter } from "./system-calls.ts";

/** Calls that fail with EPERM, by their numbers. */
const denied: readonly { readonly name: string; readonly x64: number; readonly arm64: number }[] = [
  // Services of the user (D-Bus, the display, an agent for keys) would do for it what it may not do itself.
  { name: "connect", x64: 42, arm64: 203 },
  // Does other system calls behind this filter's back.
  { name: "io_uring_setup", x64: 425, arm64: 425 },
  // Other processes of the same user, where Landlock does not hold.
  { name: "ptrace", x64: 101, arm64: 117 },
  { name: "process_vm_readv", x64: 310, arm64: 270 },
  { name: "process_vm_writev", x64: 311, arm64: 271 },
  { name: "pidfd_getfd", x64: 438, arm64: 438 },
  // Namespaces of its own, in which it would be root, and parts of the kernel that nobody needs here.
  { name: "unshare", x64: 272, arm64: 97 },
  { name: "setns", x64: 308, arm64: 268 },
  { name: "mount", x64: 165, arm64: 40 },
  { name: "perf_event_open", x64: 298, arm64: 241 },
  { name: "userfaultfd", x64: 323, arm64: 282 },
  { name: "add_key", x64: 248, arm64: 217 },
  { name: "request_key", x64: 249, arm64: 218 },
  { name: "keyctl", x64: 250, arm64: 219 },
];

/** ioctl(2) requests that type into the terminal, as the person would: into the shell that is there after us. */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
/** Families that socket(2) may have: with the others one talks to other machines. */
const AF_UNIX = 1;
const AF_NETLINK = 16;

interface Architecture {
  /** AUDIT_ARCH of include/uapi/linux/audit.h. */
  readonly audit: number;
  readonly ioctl: number;
  readonly socket: number;
}

const architectures: Readonly<Record<"x64" | "arm64", Architecture>> = {
  x64: { audit: 0xc000_003e, ioctl: 16, socket: 41 },
  arm64: { audit: 0xc000_00b7, ioctl: 29, socket: 198 },
};

/** Offsets in struct seccomp_data: the number, the architecture, the low half of the first and second argument. */
const field = { number: 0, architecture: 4, first: 16, second: 24 } as const;

const LOAD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const RETURN = 0x06;
const ALLOW = 0x7fff_0000;
const EPERM = 1;
const REFUSE = 0x0005_0000 | EPERM;
const KILL_PROCESS = 0x8000_0000;
/** x32 calls have this bit; they are none of ours. */
const X32 = 0x4000_0000;

type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, k: number];

/** The instructions for one architecture. Calls of another one (32-bit ones) end the process. */
export function filterProgram(architecture: "x64" | "arm64"): Instruction[] {
  const { audit, ioctl, socket } = architectures[architecture];
  const refuse: Instruction = [RETURN, 0, 0, REFUSE];
  const allow: Instruction = [RETURN, 0, 0, ALLOW];
  return [
    [LOAD, 0, 0, field.architecture],
    [JUMP_IF_EQUAL, 1, 0, audit],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, field.number],
    [JUMP_IF_AT_LEAST, 0, 1, X32],
    refuse,
    ...denied.flatMap((call): Instruction[] => [[JUMP_IF_EQUAL, 0, 1, call[architecture]], refuse]),
    [JUMP_IF_EQUAL, 0, 5, ioctl],
    [LOAD, 0, 0, field.second],
    [JUMP_IF_EQUAL, 1, 0, TIOCSTI],
    [JUMP_IF_EQUAL, 0, 1, TIOCLINUX],
    refuse,
    allow,
    [JUMP_IF_EQUAL, 0, 4, socket],
    [LOAD, 0, 0, field.first],
    [JUMP_IF_EQUAL, 2, 0, AF_UNIX],
    [JUMP_IF_EQUAL, 1, 0, AF_NETLINK],
    refuse,
    allow,
  ];
}

/** The filter as the kernel reads it: struct sock_filter, 8 bytes each. */
function encode(program: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(program.length * 8));
  for (const [index, [code, whenTrue, whenFalse, k]] of program.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, whenTrue);
    view.setUint8(index * 8 + 3, whenFalse);
    view.setUint32(index * 8 + 4, k, true);
  }
  return new Uint8Array(view.buffer);
}

/**
 * Filters the calling thread and what it starts, for good. Needs no_new_privs. Undefined, or what failed: a kernel without
 * seccomp, or an architecture whose numbers are not known here.
 */
export function restrictSystemCalls(): string | undefined {
  const { arch } = process;
  if (arch !== "x64" && arch !== "arm64") return `no system call numbers for ${arch}`;
  const program = encode(filterProgram(arch));
  const description = new DataView(new ArrayBuffer(16));
  description.setUint16(0, program.length / 8, true);
  description.setBigUint64(8, addressOf(program), true);
  const result = seccompFilter(arch, new Uint8Array(description.buffer));
  return result < 0 ? `seccomp: errno ${-result}` : undefined;
}
