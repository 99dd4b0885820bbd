import { buildFrame } from "../flow/frames.ts";
import type { MadeFrame } from "../files/made-frames.ts";

/** Frame `number` of the flow of a source port: so many bytes of payload, each its number, which is its time, too. */
export const numberedFrame = (number: number, port: number, length: number): MadeFrame => ({
  bytes: buildFrame({
    protocol: "udp",
    source: "192.0.2.1",
    sourcePort: port,
    destination: "192.0.2.2",
    destinationPort: 9,
    payload: new Uint8Array(length).fill(number),
  }),
  cut: 0,
  direction: 2,
  vlan: 0,
  flow: 0,
  keep: true,
  interfaceIndex: 1,
  seconds: 1_700_000_000,
  nanoseconds: number,
});
