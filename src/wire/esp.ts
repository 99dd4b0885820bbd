/**
 * ESP (RFC 4303 section 2), also in UDP (RFC 3948 section 2; port 4500, shared with IKE). Encrypted: nothing is inside.
 *
 *     SPI (4) | sequence number (4) | encrypted | integrity check
 *     in UDP  SPI is not 0 there: four zero bytes introduce IKE; a single 0xff keeps the translation alive
 */
import type { Packet } from "./packet.ts";
import { u32 } from "./read.ts";

/** SPI and sequence number are in clear, the rest is not. */
export function decodeEsp(packet: Packet, offset: number): void {
  packet.transportOffset = offset;
  if (!packet.has("esp", offset, 8)) return;
  packet.spi = u32(packet.bytes, offset);
  packet.setPayload(offset + 8);
}

/**
 * Recognises ESP in the UDP payload at `offset`. All that one packet shows is an SPI above the reserved 255, a sequence
 * number that is not 0, and a length of whole words (RFC 4303 section 2.4): no more than a hint, and it says so.
 */
export function recogniseEspInUdp(packet: Packet, offset: number): void {
  if (packet.capturedEnd - offset < 8) return;
  const length = packet.wireEnd - offset;
  // Header, an integrity check of at least 8 bytes (RFC 7321 section 4) and one word that ends in pad length and next header.
  if (length < 20 || length % 4 !== 0) return;
  const spi = u32(packet.bytes, offset);
  if (spi <= 255 || u32(packet.bytes, offset + 4) === 0) return;
  packet.spi = spi;
  packet.setTunnel("esp", spi, -1);
  packet.tunnelBy = "port";
}
