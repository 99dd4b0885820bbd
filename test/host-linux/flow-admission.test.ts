import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { compileFilter, haveLibpcap } from "../../src/host/linux/capture-filter.ts";
import { LINKTYPE_ETHERNET } from "../../src/host/linux/link-type.ts";
import { admissionBy, runClassicFilter, type AdmissionFacts } from "../../src/host/linux/flow-admission.ts";

const facts = (more: Partial<AdmissionFacts> = {}): AdmissionFacts => ({
  protocolNumber: 6,
  localAddress: "192.0.2.10",
  localPort: 40000,
  remoteAddress: "198.51.100.1",
  remotePort: 443,
  ...more,
});

function admits(expression: string, flow: AdmissionFacts): boolean {
  const compiled = compileFilter(expression, LINKTYPE_ETHERNET);
  assert.ok("program" in compiled, JSON.stringify(compiled));
  return admissionBy(compiled.program)(flow);
}

const skip = haveLibpcap() ? false : "libpcap is not installed";

const six = facts({ localAddress: "2001:db8::1", remoteAddress: "2001:db8::2" });
const cases: readonly (readonly [expression: string, flow: AdmissionFacts, admitted: boolean])[] = [
  ["tcp port 443", facts(), true],
  ["tcp port 444", facts(), false],
  ["udp port 443", facts(), false],
  ["src port 443", facts(), true],
  ["host 198.51.100.1 and not port 22", facts(), true],
  ["net 198.51.100.0/24", facts(), true],
  ["net 10.0.0.0/8 or icmp", facts(), false],
  ["icmp", facts({ protocolNumber: 1, localPort: 0, remotePort: 0 }), true],
  ["portrange 400-500", facts(), true],
  ["ip6 and tcp port 443", six, true],
  ["host 2001:db8::2", six, true],
  ["ip and tcp", six, false],
  ["arp", facts({ protocolNumber: 0x1_0806 }), true],
  ["arp host 198.51.100.1", facts({ protocolNumber: 0x1_0806 }), true],
  ["ip", facts({ protocolNumber: 0x1_0806 }), false],
];

for (const [expression, flow, admitted] of cases) {
  test(
    `"${expression}" ${admitted ? "admits" : "refuses"} ${flow.protocolNumber} ${flow.remoteAddress}`,
    { skip },
    () => {
      assert.equal(admits(expression, flow), admitted);
    },
  );
}

test("any program on any packet ends and does not throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 256 }), fc.uint8Array({ maxLength: 80 }), (program, packet) => {
      assert.ok(Number.isInteger(runClassicFilter(program, packet, packet.length)));
    }),
  );
});
