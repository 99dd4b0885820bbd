import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { filterProgram } from "../../src/host/linux/system-call-filter.ts";

const ALLOW = 0x7fff_0000;
const EPERM = 0x0005_0001;
const KILL = 0x8000_0000;

interface Call {
  readonly audit?: number;
  readonly number: number;
  /** The first two arguments. */
  readonly first?: number;
  readonly second?: number;
}

/** Runs the program as the kernel does, on the one structure that it may read (struct seccomp_data). */
function verdict(architecture: "x64" | "arm64", { audit, number, first = 0, second = 0 }: Call): number {
  const data = new Map([
    [0, number],
    [4, audit ?? (architecture === "x64" ? 0xc000_003e : 0xc000_00b7)],
    [16, first],
    [24, second],
  ]);
  const program = filterProgram(architecture);
  let accumulator = 0;
  for (let at = 0; at < program.length; at++) {
    const [code, whenTrue, whenFalse, k] = program[at]!;
    if (code === 0x06) return k;
    if (code === 0x20) accumulator = data.get(k) ?? assert.fail(`reads offset ${k}`);
    else if (code === 0x15) at += accumulator === k ? whenTrue : whenFalse;
    else if (code === 0x35) at += accumulator >= k ? whenTrue : whenFalse;
    else assert.fail(`unknown code ${code}`);
  }
  return assert.fail("runs off its end");
}

/** Numbers of asm/unistd_64.h and asm-generic/unistd.h. */
const numbers = {
  x64: { read: 0, ioctl: 16, socket: 41, connect: 42, sendto: 44, execve: 59, ptrace: 101, bpf: 321, unshare: 272 },
  arm64: {
    read: 63,
    ioctl: 29,
    socket: 198,
    connect: 203,
    sendto: 206,
    execve: 221,
    ptrace: 117,
    bpf: 280,
    unshare: 97,
  },
} as const;

for (const architecture of ["x64", "arm64"] as const) {
  const number = numbers[architecture];
  describe(`the filter of system calls for ${architecture}`, () => {
    const cases: readonly (readonly [what: string, call: Call, expected: number])[] = [
      ["reads", { number: number.read }, ALLOW],
      ["looks into maps", { number: number.bpf }, ALLOW],
      ["asks netlink", { number: number.sendto }, ALLOW],
      ["executes the second stage", { number: number.execve }, ALLOW],
      ["sets the terminal (TCSETS)", { number: number.ioctl, second: 0x5402 }, ALLOW],
      ["does not type into the terminal (TIOCSTI)", { number: number.ioctl, second: 0x5412 }, EPERM],
      ["does not paste into a console (TIOCLINUX)", { number: number.ioctl, second: 0x541c }, EPERM],
      ["opens netlink", { number: number.socket, first: 16 }, ALLOW],
      ["opens a local socket, for the indices of interfaces", { number: number.socket, first: 1 }, ALLOW],
      ["opens no socket to the network", { number: number.socket, first: 2 }, EPERM],
      ["nor by IPv6", { number: number.socket, first: 10 }, EPERM],
      ["nor to a host of virtual machines", { number: number.socket, first: 40 }, EPERM],
      ["connects to nobody", { number: number.connect }, EPERM],
      ["looks into no other process", { number: number.ptrace }, EPERM],
      ["makes no namespace", { number: number.unshare }, EPERM],
      ["makes no ring that does calls for it", { number: 425 }, EPERM],
      ["makes no x32 calls", { number: 0x4000_0000 + number.read }, EPERM],
      ["is ended by calls of another architecture", { audit: 0x4000_0003, number: number.read }, KILL],
    ];
    for (const [what, call, expected] of cases) it(what, () => assert.equal(verdict(architecture, call), expected));
  });
}
