/**
 * The one place that calls libc. Thin: numbers and buffers in, a number out; failure is `-errno`.
 * Nothing here allocates per call beyond what koffi needs, so that calls may stand on hot paths.
 */
import koffi from "koffi";

const libc = koffi.load("libc.so.6");

const syscall3 = libc.func("long syscall(long number, int command, void *attribute, uint32_t size)");
const rawMmap = libc.func("void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)");
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
  return BigInt(koffi.address(buffer));
}

const bpfNumber: Record<string, number> = { x64: 321, arm64: 280 };

/** bpf(2). Returns the command's result, or `-errno`. */
export function bpf(command: number, attribute: Uint8Array): number {
  return checked(syscall3(bpfNumber[process.arch] ?? -1, command, attribute, attribute.length));
}

/** Maps `length` bytes of `fd` shared; the view is the memory itself. Undefined when the kernel refuses. */
export function mapShared(fd: number, length: number, writable: boolean, offset = 0): ArrayBuffer | undefined {
  const pointer = rawMmap(null, length, writable ? 3 : 1, 1, fd, offset);
  if (BigInt(koffi.address(pointer)) === 0xffff_ffff_ffff_ffffn) return undefined;
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
