import type { Packet } from "./packet.ts";

/** Names of EtherTypes as IEEE and IANA list them, in the short form people use. */
const etherTypeNames: ReadonlyMap<number, string> = new Map([
  [0x0800, "IPv4"],
  [0x0806, "ARP"],
  [0x0842, "Wake-on-LAN"],
  [0x22f0, "AVTP"],
  [0x22f3, "TRILL"],
  [0x22ea, "SRP"],
  [0x6002, "DEC-MOP"],
  [0x6003, "DECnet"],
  [0x6004, "DEC-LAT"],
  [0x6558, "TEB"],
  [0x8035, "RARP"],
  [0x809b, "AppleTalk"],
  [0x80f3, "AARP"],
  [0x8100, "802.1Q"],
  [0x8102, "SLPP"],
  [0x8137, "IPX"],
  [0x8204, "QNX"],
  [0x86dd, "IPv6"],
  [0x8808, "MAC-Control"],
  [0x8809, "Slow-Protocols"],
  [0x880b, "PPP"],
  [0x8819, "CobraNet"],
  [0x8847, "MPLS"],
  [0x8848, "MPLS-multicast"],
  [0x8863, "PPPoE-Discovery"],
  [0x8864, "PPPoE"],
  [0x886d, "Intel-ANS"],
  [0x886f, "MS-NLB"],
  [0x8870, "Jumbo-Frames"],
  [0x887b, "HomePlug"],
  [0x888e, "EAPOL"],
  [0x8892, "PROFINET"],
  [0x8899, "Realtek"],
  [0x889a, "HyperSCSI"],
  [0x88a2, "ATA-over-Ethernet"],
  [0x88a4, "EtherCAT"],
  [0x88a8, "802.1ad"],
  [0x88ab, "POWERLINK"],
  [0x88b5, "Experimental-1"],
  [0x88b6, "Experimental-2"],
  [0x88b7, "OUI-Extended"],
  [0x88b8, "GOOSE"],
  [0x88b9, "GSE"],
  [0x88ba, "SV"],
  [0x88be, "ERSPAN"],
  [0x88c7, "RSN-Preauth"],
  [0x88cc, "LLDP"],
  [0x88cd, "SERCOS-III"],
  [0x88e1, "HomePlug-AV"],
  [0x88e3, "MRP"],
  [0x88e5, "MACsec"],
  [0x88e7, "802.1ah"],
  [0x88f5, "MVRP"],
  [0x88f6, "MMRP"],
  [0x88f7, "PTP"],
  [0x88f8, "NC-SI"],
  [0x88fb, "PRP"],
  [0x8902, "CFM"],
  [0x8906, "FCoE"],
  [0x8914, "FIP"],
  [0x8915, "RoCE"],
  [0x891d, "TTE"],
  [0x892f, "HSR"],
  [0x893a, "IEEE-1905"],
  [0x8940, "ECP"],
  [0x894f, "NSH"],
  [0x9000, "Loopback"],
  [0x9003, "RTag"],
  [0x9100, "QinQ"],
  [0x9998, "BATMAN"],
  [0xcafe, "VeritasLLT"],
]);

/** Protocol keywords of IANA, in the spelling of Suricata and Linux where that differs. */
const protocolNames: ReadonlyMap<number, string> = new Map(
  (
    "0 HOPOPT|1 ICMP|2 IGMP|3 GGP|4 IPIP|5 ST|6 TCP|7 CBT|8 EGP|9 IGP|12 PUP|16 CHAOS|17 UDP|20 HMP|22 XNS-IDP|27 RDP|28 IRTP|" +
    "29 ISO-TP4|33 DCCP|34 3PC|36 XTP|37 DDP|38 IDPR-CMTP|40 IL|41 IPv6|42 SDRP|43 IPv6-Route|44 IPv6-Frag|45 IDRP|46 RSVP|47 GRE|" +
    "48 DSR|50 ESP|51 AH|54 NARP|55 MOBILE|57 SKIP|58 IPv6-ICMP|59 IPv6-NoNxt|60 IPv6-Opts|62 CFTP|73 RSPF|77 SUN-ND|80 ISO-IP|" +
    "81 VMTP|83 VINES|85 NSFNET-IGP|88 EIGRP|89 OSPF|90 Sprite-RPC|91 LARP|92 MTP|93 AX.25|94 IPIP|97 ETHERIP|98 ENCAP|103 PIM|" +
    "105 SCPS|106 QNX|107 A/N|108 IPComp|110 Compaq-Peer|111 IPX-in-IP|112 VRRP|113 PGM|115 L2TP|116 DDX|118 STP|119 SRP|121 SMP|" +
    "122 SM|123 PTP|124 ISIS|125 FIRE|126 CRTP|127 CRUDP|130 SPS|131 PIPE|132 SCTP|133 FC|134 RSVP-E2E-IGNORE|135 Mobility-Header|" +
    "136 UDPLite|137 MPLS-in-IP|138 MANET|139 HIP|140 Shim6|141 WESP|142 ROHC|143 Ethernet|144 AGGFRAG|145 NSH"
  )
    .split("|")
    .map((entry) => {
      const space = entry.indexOf(" ");
      return [Number(entry.slice(0, space)), entry.slice(space + 1)] as const;
    }),
);

/** Destination service access points of IEEE 802.2. */
const serviceAccessPointNames: ReadonlyMap<number, string> = new Map([
  [0x06, "IP-LLC"],
  [0x42, "STP"],
  [0x7e, "X.25"],
  [0xe0, "IPX"],
  [0xf0, "NetBEUI"],
  [0xfe, "IS-IS"],
  [0xff, "IPX"],
]);

/** SNAP protocols of Cisco (organization 00:00:0c) and a few others; the organization is not part of the number. */
const snapNames: ReadonlyMap<number, string> = new Map([
  [0x0102, "DRiP"],
  [0x0104, "PAgP"],
  [0x010b, "PVST"],
  [0x010c, "VLAN-Bridge"],
  [0x0111, "UDLD"],
  [0x2000, "CDP"],
  [0x2001, "CGMP"],
  [0x2003, "VTP"],
  [0x2004, "DTP"],
  [0x809b, "AppleTalk"],
]);

const pppNames: ReadonlyMap<number, string> = new Map([
  [0x0021, "IPv4"],
  [0x0057, "IPv6"],
  [0x00fd, "PPP-Compressed"],
  [0x8021, "IPCP"],
  [0x8057, "IPV6CP"],
  [0x80fd, "CCP"],
  [0xc021, "LCP"],
  [0xc023, "PAP"],
  [0xc025, "LQR"],
  [0xc223, "CHAP"],
]);

/** "ARP", "LLDP", ...; an unknown one as "0x1234". */
export function etherTypeName(type: number): string {
  return etherTypeNames.get(type) ?? hexadecimal(type);
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16).padStart(4, "0")}`;
}

const etherTypeSpace = 0x1_0000;
const snapSpace = 0x2_0000;
const llcSpace = 0x3_0000;
const pppSpace = 0x4_0000;

/**
 * The number that names a packet's protocol: the IANA protocol number of IP, and above 0xffff what is not IP:
 * `0x10000 | EtherType`, `0x20000 | SNAP protocol`, `0x30000 | LLC service access point`, `0x40000 | PPP protocol`.
 * -1 when decoding ended before it could be known. For IP inside a tunnel ask the inner packet.
 */
export function protocolNumberOf(packet: Packet): number {
  if (packet.ipVersion !== 0) return packet.protocolNumber;
  if (packet.pppProtocol >= 0) return pppSpace | packet.pppProtocol;
  if (packet.etherType >= 0) return etherTypeSpace | packet.etherType;
  if (packet.snapProtocol >= 0) return snapSpace | packet.snapProtocol;
  return packet.llcDestination >= 0 ? llcSpace | packet.llcDestination : -1;
}

/**
 * Name of a protocol by a number of `protocolNumberOf`: "TCP", "UDP", "ICMP", "IPv6-ICMP", "ARP", "STP", ... An IP protocol
 * without a name is its decimal number ("253"), anything else without a name hexadecimal.
 */
export function protocolName(number: number): string {
  if (number < 0) return "unknown";
  if (number < etherTypeSpace) return protocolNames.get(number) ?? String(number);
  const value = number & 0xffff;
  switch (number - value) {
    case etherTypeSpace:
      return etherTypeName(value);
    case snapSpace:
      return snapNames.get(value) ?? `SNAP-${hexadecimal(value)}`;
    case llcSpace:
      return serviceAccessPointNames.get(value) ?? `LLC-${hexadecimal(value)}`;
    case pppSpace:
      return pppNames.get(value) ?? `PPP-${hexadecimal(value)}`;
    default:
      return hexadecimal(number);
  }
}

/** Where the protocol's own name is not what an application protocol of that name is called. */
const applicationNames: ReadonlyMap<number, string> = new Map([
  [41, "6in4"],
  [58, "icmpv6"],
  [94, "ipip"],
  [137, "mpls-in-ip"],
]);

/**
 * What a flow of a protocol without applications of its own speaks, as an application protocol's name: "icmp", "icmpv6",
 * "igmp", "ospf", "vrrp", "gre", "esp", "arp", "lldp", ... Undefined for transports (TCP, UDP, DCCP, SCTP, UDP-Lite) and
 * for numbers without a name. Takes a number of `protocolNumberOf`; the header itself says it, so it is more than a guess.
 */
export function applicationOfProtocol(number: number): string | undefined {
  if (transports.has(number) || number < 0) return undefined;
  const known = applicationNames.get(number);
  if (known !== undefined) return known;
  const name = protocolName(number);
  return /^\d+$|0x/.test(name) ? undefined : name.toLowerCase();
}

const transports: ReadonlySet<number> = new Set([6, 17, 33, 132, 136, 0x1_0800, 0x1_86dd]);
