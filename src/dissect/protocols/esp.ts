/**
 * ESP in UDP: that it goes on. (IKE shares the port.) All else is enciphered.
 *
 * RFC 3948 sections 2.1 (ESP in UDP) and 2.3 (keep-alive), RFC 4303 sections 2.1 (SPI), 2.2 (sequence number) and 2.4 (alignment).
 *
 *   SPI(4: above 255) sequence(4: from 1) enciphered, in whole words;  keep-alive = 0xFF
 *
 * Evidence: on port 4500, packets of one direction with one SPI, whose sequence numbers go on.
 */
import { u32At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const port = 4500;
const lastReserved = 255;
/** Header, a word with padding, and an integrity check of at least 8 bytes. */
const shortest = 20;
const needed = 2;
/** Keys are changed long before so many packets, as a rule. */
const largestSequence = 0x8000_0000;
const longestStep = 64;

interface Sent {
  spi: number;
  sequence: number;
  agreed: number;
}

interface EspMemory {
  readonly sides: [Sent | undefined, Sent | undefined];
}

export function probeEsp(bytes: Uint8Array, context: DissectContext): Likeness {
  if (context.serverPort !== port && context.clientPort !== port) return "no";
  if (bytes.length < shortest || (!context.last && bytes.length % 4 !== 0)) return "no";
  const sequence = u32At(bytes, 4);
  return u32At(bytes, 0) > lastReserved && sequence > 0 && sequence < largestSequence ? "yes" : "no";
}

export function parseEsp(bytes: Uint8Array, context: DissectContext): Verdict {
  if (probeEsp(bytes, context) !== "yes") return { kind: "notMine" };
  const { sides } = recall<EspMemory>(context, "esp", () => ({ sides: [undefined, undefined] }));
  const side = context.toServer ? 0 : 1;
  const before = sides[side];
  const spi = u32At(bytes, 0);
  const sequence = u32At(bytes, 4);
  const step = sequence - (before?.sequence ?? sequence);
  const goesOn = before?.spi === spi && step >= 1 && step <= longestStep;
  const agreed = goesOn ? before.agreed + 1 : 1;
  sides[side] = { spi, sequence, agreed };
  if (agreed < needed) return { kind: "needMore", bytes: shortest };
  return { kind: "match", name: "esp", facts: { esp: { in_udp: true } }, complete: true };
}
