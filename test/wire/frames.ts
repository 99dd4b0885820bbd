/** Frames put together from hexadecimal, header by header as the RFCs draw them. For tests, fuzzing and benchmarks. */
import { fromHex } from "../../src/bytes/index.ts";

/** Bytes of hexadecimal text in pieces; throws on a slip of the pen. */
export function hex(...pieces: string[]): Uint8Array {
  const bytes = fromHex(pieces.join(" "));
  if (bytes === undefined) throw new Error(`not hexadecimal: ${pieces.join(" ")}`);
  return bytes;
}

export const ethernet = (type: string): string => `020000000002 020000000001 ${type}`;

const u16 = (value: number): string => value.toString(16).padStart(4, "0");

/** IPv4 header without options, 10.0.0.1 to 192.0.2.2; `payload` in hexadecimal gives the length. */
export function ipv4(protocol: string, payload: string, flagsAndOffset = "4000", id = "1234"): string {
  const length = hex(payload).length + 20;
  return `45 00 ${u16(length)} ${id} ${flagsAndOffset} 40 ${protocol} 0000 0a000001 c0000202 ${payload}`;
}

/** IPv6 header, 2001:db8::1 to 2001:db8::2. */
export function ipv6(nextHeader: string, payload: string): string {
  const length = hex(payload).length;
  return `60000000 ${u16(length)} ${nextHeader} 40 20010db8000000000000000000000001 20010db8000000000000000000000002 ${payload}`;
}

/** UDP from port 5353 to 53. */
export function udp(payload: string): string {
  return udpBetween(5353, 53, payload);
}

export function udpBetween(source: number, destination: number, payload: string): string {
  return `${u16(source)} ${u16(destination)} ${u16(8 + hex(payload).length)} 0000 ${payload}`;
}

/** IPv6 packet of a Teredo client (RFC 4380 section 4) to 2001:db8::2. */
export function ipv6OfTeredo(nextHeader: string, payload: string): string {
  const length = hex(payload).length;
  return `60000000 ${u16(length)} ${nextHeader} 15 20010000c0000201 0000 63bf 3fff fdfd 20010db8000000000000000000000002 ${payload}`;
}

/** GTP-U: `flags`, message `type`, what follows the first 8 bytes; tunnel endpoint 0x01020304. */
export function gtp(flags: string, type: string, rest: string, endpoint = "01020304"): string {
  return `${flags} ${type} ${u16(hex(rest).length)} ${endpoint} ${rest}`;
}

/** L2TPv2 data of tunnel 7, session 9, with a length. */
export function l2tp(rest: string): string {
  return `4002 ${u16(hex(rest).length + 8)} 0007 0009 ${rest}`;
}

/** TCP from port 50000 to 443, sequence 0x01020304, acknowledgement 0xfffefdfc, PSH+ACK, window 512, no options. */
export function tcp(payload: string): string {
  return `c350 01bb 01020304 fffefdfc 50 18 0200 0000 0000 ${payload}`;
}

/** As `tcp`, a SYN with MSS 1460, SACK permitted, timestamps, NOP, window scale 7. */
export const tcpSyn = "c350 01bb 01020304 00000000 a0 02 faf0 0000 0000 020405b4 0402 080a 80000001 00000000 01 030307";

/** As `tcp` with NOP, NOP, timestamps: what established connections send. */
export function tcpTimestamps(payload: string): string {
  return `c350 01bb 01020304 fffefdfc 80 10 0200 0000 0000 01 01 08 0a 00000005 00000006 ${payload}`;
}

const hello = "68656c6c6f";

/** A frame with a UDP datagram to `port` over IPv4. */
export function overUdp(port: number, payload: string): Uint8Array {
  return hex(ethernet("0800"), ipv4("11", udpBetween(50_000, port, payload)));
}

/** One frame of Ethernet for each thing the decoder knows. */
export function sampleFrames() {
  return {
    tcpIpv4: hex(ethernet("0800"), ipv4("06", tcpTimestamps("00".repeat(40)))),
    udpIpv4: hex(ethernet("0800"), ipv4("11", udp("00".repeat(40)))),
    tcpIpv6: hex(ethernet("86dd"), ipv6("06", tcpTimestamps("00".repeat(40)))),
    tcpSyn: hex(ethernet("0800"), ipv4("06", tcpSyn)),
    vlan: hex(ethernet("8100"), "0064 0800", ipv4("06", tcp(hello))),
    qinq: hex(ethernet("88a8"), "0064 8100 00c8 86dd", ipv6("11", udp(hello))),
    icmpEcho: hex(ethernet("0800"), ipv4("01", `08 00 0000 4d2a 0007 ${hello}`)),
    icmpUnreachable: hex(ethernet("0800"), ipv4("01", `03 03 0000 00000000 ${ipv4("11", udp(hello))}`)),
    neighbourSolicitation: hex(
      ethernet("86dd"),
      ipv6("3a", "87 00 0000 00000000 fe800000000000000000000000000009 01 01 020000000001"),
    ),
    igmp: hex(ethernet("0800"), ipv4("02", "16 00 0000 e00000fb")),
    sctp: hex(
      ethernet("0800"),
      ipv4("84", "1000 2000 deadbeef 00000000 01 00 0014 0000000000000000 00000000 00000000"),
    ),
    udpLite: hex(ethernet("0800"), ipv4("88", `1000 2000 0008 0000 ${hello}`)),
    esp: hex(ethernet("0800"), ipv4("32", `0000c0de 00000001 ${"aa".repeat(16)}`)),
    ah: hex(ethernet("0800"), ipv4("33", `06 04 0000 0000c0de 00000001 ${"bb".repeat(12)} ${tcp(hello)}`)),
    gre: hex(ethernet("0800"), ipv4("2f", `b000 0800 0000 0000 0000002a 00000001 ${ipv4("11", udp(hello))}`)),
    greBridge: hex(ethernet("86dd"), ipv6("2f", `0000 6558 ${ethernet("86dd")} ${ipv6("06", tcp(hello))}`)),
    ipip: hex(ethernet("0800"), ipv4("04", ipv4("06", tcp(hello)))),
    sixInFour: hex(ethernet("0800"), ipv4("29", ipv6("11", udp(hello)))),
    firstFragment: hex(ethernet("0800"), ipv4("11", `14e9 0035 0100 0000 ${"cc".repeat(16)}`, "2000")),
    laterFragment: hex(ethernet("0800"), ipv4("11", "dd".repeat(16), "0003")),
    extensionHeaders: hex(
      ethernet("86dd"),
      ipv6(
        "00",
        `2b 00 0104 00000000 3c 02 0001 ${"00".repeat(20)} 2c 00 0104 00000000 11 00 0001 0000abcd ${udp(hello)}`,
      ),
    ),
    arp: hex(ethernet("0806"), "0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002"),
    lldp: hex(ethernet("88cc"), "0207 04 020000000001"),
    stp: hex("0180c2000000 020000000001 0007 42 42 03 00000000", "00".repeat(39)),
    cdp: hex("01000ccccccc 020000000001 000c aa aa 03 00000c 2000 02b40000"),
    mpls: hex(ethernet("8847"), "00010040 00011140", ipv4("06", tcp(hello))),
    vxlan: overUdp(4789, `08000000 00002a00 ${ethernet("0800")} ${ipv4("11", udp(hello))}`),
    vxlanGpe: overUdp(4790, `0c000001 00002a00 ${ipv4("11", udp(hello))}`),
    geneve: overUdp(6081, `02 00 6558 00002a00 0102 80 01 00000000 ${ethernet("86dd")} ${ipv6("06", tcp(hello))}`),
    gtp: overUdp(2152, gtp("34", "ff", `0000 00 85 01 1001 00 ${ipv4("06", tcp(hello))}`)),
    l2tp: overUdp(1701, l2tp(`ff03 0021 ${ipv4("06", tcp(hello))}`)),
    l2tpControl: overUdp(1701, "c802 0014 0007 0000 0001 0002 8008 0000 0000 0006"),
    teredo: overUdp(3544, `0000 f277 3ffffdfd ${ipv6OfTeredo("06", tcp(hello))}`),
    espInUdp: overUdp(4500, `0000c0de 00000001 ${"aa".repeat(24)}`),
    pppoe: hex(ethernet("8864"), "11 00 0001 0023 0021", ipv4("11", udp(hello))),
  };
}
