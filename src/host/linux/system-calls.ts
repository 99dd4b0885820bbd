/**
 * The one place that calls libc. Thin: numbers and buffers in, a number out; failure is `-errno`.
 * Nothing here allocates per call beyond what koffi needs, so that calls may stand on hot paths.
 */
import koffi from "koffi";

const libc = koffi.load("libc.so.6");

const syscall3 = libc.func("long syscall(long number, int command, void *attribute, uint32_t size)");
const rawMmap = libc.func(
  "void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)",
);
const rawMunmap = libc.func("int munmap(void *address, size_t length)");
const rawClose = libc.func("int close(int fd)");
const rawSocket = libc.func("int socket(int domain, int type, int protocol)");
const rawBind = libc.func("int bind(int fd, void *address, uint32_t length)");
const rawSetsockopt = libc.func("int setsockopt(int fd, int level, int name, void *value, uint32_t length)");
const rawGetsockopt = libc.func("int getsockopt(int fd, int level, int name, void *value, void *length)");
const rawRecv = libc.func("intptr_t recv(int fd, void *buffer, size_t length, int flags)");
const rawSend = libc.func("intptr_t send(int fd, void *buffer, size_t length, int flags)");
const rawRead = libc.func("intptr_t read(int fd, void *buffer, size_t length)");

/** Turns libc's "-1 and errno" into `-errno`. */
export function checked(result: number | bigint): number {
  const value = Number(result);
  return value === -1 ? -koffi.errno() : value;
}

/** Address of a buffer's first byte, for structures that hold pointers. The caller keeps the buffer alive. */
export function addressOf(buffer: Uint8Array): bigint {
  return koffi.address(buffer);
}

const bpfNumber: Record<string, number> = { x64: 321, arm64: 280 };

/** bpf(2). Returns the command's result, or `-errno`. */
export function bpf(command: number, attribute: Uint8Array): number {
  return checked(syscall3(bpfNumber[process.arch] ?? -1, command, attribute, attribute.length));
}

/** Maps `length` bytes of `fd` shared; the view is the memory itself. Undefined when the kernel refuses. */
export function mapShared(fd: number, length: number, writable: boolean, offset = 0): ArrayBuffer | undefined {
  const pointer = rawMmap(null, length, writable ? 3 : 1, 1, fd, offset);
  if (koffi.address(pointer) === 0xffff_ffff_ffff_ffffn) return undefined;
  return koffi.view(pointer, length);
}

/** Ends a mapping made by `mapShared`; the view must not be touched again. */
export function unmap(view: ArrayBuffer): number {
  return checked(rawMunmap(new Uint8Array(view), view.byteLength));
}

export const closeDescriptor = (fd: number): number => checked(rawClose(fd));
export const socket = (domain: number, type: number, protocol: number): number =>
  checked(rawSocket(domain, type, protocol));
export const bind = (fd: number, address: Uint8Array): number => checked(rawBind(fd, address, address.length));
export const setsockopt = (fd: number, level: number, name: number, value: Uint8Array): number =>
  checked(rawSetsockopt(fd, level, name, value, value.length));
export const getsockopt = (fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array): number =>
  checked(rawGetsockopt(fd, level, name, value, length));
export const receive = (fd: number, buffer: Uint8Array, flags: number): number =>
  checked(rawRecv(fd, buffer, buffer.length, flags));
export const send = (fd: number, buffer: Uint8Array, flags: number): number =>
  checked(rawSend(fd, buffer, buffer.length, flags));
export const readInto = (fd: number, buffer: Uint8Array): number => checked(rawRead(fd, buffer, buffer.length));

const rawPrctl = libc.func("int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)");
const rawFcntl = libc.func("int fcntl(int fd, int command, ...)");
const rawSetgroups = libc.func("int setgroups(size_t count, void *groups)");
const rawSetresgid = libc.func("int setresgid(uint32_t real, uint32_t effective, uint32_t saved)");
const rawSetresuid = libc.func("int setresuid(uint32_t real, uint32_t effective, uint32_t saved)");
const rawCapset = libc.func("int capset(void *header, void *data)");
const rawSeccomp = libc.func("long syscall(long number, uint32_t operation, uint32_t flags, void *program)");
const landlockAdd = libc.func("long syscall(long number, int ruleset, int type, void *attribute, uint32_t flags)");
const landlockRestrict = libc.func("long syscall(long number, int ruleset, uint32_t flags)");
const landlockCreate = libc.func("long syscall(long number, void *attribute, size_t size, uint32_t flags)");
const rawTcgetattr = libc.func("int tcgetattr(int fd, void *termios)");
const rawTcsetattr = libc.func("int tcsetattr(int fd, int when, void *termios)");
const rawSignal = libc.func("void *signal(int number, intptr_t handler)");
const rawPoll = libc.func("int poll(void *descriptors, unsigned long count, int timeout)");

export const prctl = (option: number, a: number, b = 0): number => checked(rawPrctl(option, a, b, 0, 0));
export const fcntl = (fd: number, command: number, argument: number): number =>
  checked(rawFcntl(fd, command, "int", argument));

/** setgroups, setresgid, setresuid of glibc: they change every thread of the process, which the system calls do not. */
export const setgroups = (groups: Uint32Array): number => checked(rawSetgroups(groups.length, groups));
export const setresgid = (id: number): number => checked(rawSetresgid(id, id, id));
export const setresuid = (id: number): number => checked(rawSetresuid(id, id, id));

/** Sets the calling thread's capability sets (capset(2), version 3), each as a 64-bit mask. */
export function capset(effective: bigint, permitted: bigint, inheritable: bigint): number {
  const header = new Uint32Array([0x2008_0522, 0]);
  const low = (mask: bigint): number => Number(mask & 0xffff_ffffn);
  const high = (mask: bigint): number => Number(mask >> 32n);
  const sets = [effective, permitted, inheritable];
  return checked(rawCapset(header, new Uint32Array([...sets.map(low), ...sets.map(high)])));
}

/** landlock_create_ruleset(2). With `flags` 1 and no attribute: the ABI version. */
export const landlockCreateRuleset = (attribute: Uint8Array | null, flags: number): number =>
  checked(landlockCreate(444, attribute, attribute?.length ?? 0, flags));
/** landlock_add_rule(2) for a path: `attribute` is struct landlock_path_beneath_attr. */
export const landlockAddPathRule = (ruleset: number, attribute: Uint8Array): number =>
  checked(landlockAdd(445, ruleset, 1, attribute, 0));
/** landlock_restrict_self(2): the calling thread, and what it starts from now on. */
export const landlockRestrictSelf = (ruleset: number): number => checked(landlockRestrict(446, ruleset, 0));

const seccompNumber = { x64: 317, arm64: 277 } as const;
const SECCOMP_SET_MODE_FILTER = 1;
/** Without it, kernels before 5.16 slow down the whole process against attacks between processes (Spectre 4). */
const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;

/** seccomp(2) for the calling thread, and what it starts from now on: `program` is struct sock_fprog. */
export const seccompFilter = (architecture: "x64" | "arm64", program: Uint8Array): number =>
  checked(rawSeccomp(seccompNumber[architecture], SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, program));

/** Reads the terminal settings of `fd` into 64 bytes; undefined when it is no terminal. */
export function terminalSettings(fd: number): Uint8Array | undefined {
  const termios = new Uint8Array(64);
  return rawTcgetattr(fd, termios) === 0 ? termios : undefined;
}

/** Puts back settings that `terminalSettings` read, even from a background process (SIGTTOU is ignored from here on). */
export function restoreTerminal(fd: number, termios: Uint8Array): number {
  rawSignal(22, 1);
  return checked(rawTcsetattr(fd, 0, termios));
}

/** Waits until `fd` is readable, at most `milliseconds`. 1: readable or closed, 0: time is up, else `-errno`. */
export function waitReadable(fd: number, milliseconds: number): number {
  const descriptor = new Int32Array([fd, 1]);
  return checked(rawPoll(descriptor, 1, milliseconds));
}

const rawIfNameToIndex = libc.func("uint32_t if_nametoindex(const char *name)");

/** Index of the network interface; 0 when there is none of that name. */
export const interfaceIndexOf = (name: string): number => (name.includes("\0") ? 0 : Number(rawIfNameToIndex(name)));

const rawGetpagesize = libc.func("int getpagesize(void)");
const rawClockGettime = libc.func("int clock_gettime(int clock, void *time)");
const timespec = new BigInt64Array(2);

export const pageSize: number = rawGetpagesize();

/** Reads a clock (CLOCK_REALTIME 0, CLOCK_MONOTONIC 1, CLOCK_BOOTTIME 7), in milliseconds with a fraction. */
export function clockMillis(clock: 0 | 1 | 7): number {
  rawClockGettime(clock, timespec);
  return Number(timespec[0] ?? 0n) * 1000 + Number(timespec[1] ?? 0n) / 1e6;
}
