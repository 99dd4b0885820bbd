/** Numbers that several layers share. */

/** EtherTypes, IEEE 802 numbers of IANA. */
export const etherType = {
  ipv4: 0x0800,
  arp: 0x0806,
  transparentEthernet: 0x6558,
  rarp: 0x8035,
  vlan: 0x8100,
  ipv6: 0x86dd,
  ppp: 0x880b,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  pppoeSession: 0x8864,
  serviceVlan: 0x88a8,
  erspan: 0x88be,
  oldServiceVlan: 0x9100,
  olderServiceVlan: 0x9200,
} as const;

/** IANA assigned Internet protocol numbers. */
export const ipProtocol = {
  hopByHop: 0,
  icmp: 1,
  igmp: 2,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  noNextHeader: 59,
  destinationOptions: 60,
  ipip: 94,
  etherip: 97,
  sctp: 132,
  mobility: 135,
  udpLite: 136,
  mplsInIp: 137,
  hip: 139,
  shim6: 140,
} as const;

/** LINKTYPE_ values of the pcap registry. */
export const linkType = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  rawOpenBsd: 12,
  rawOther: 14,
  pppHdlc: 50,
  pppEther: 51,
  raw: 101,
  ciscoHdlc: 104,
  ieee80211: 105,
  loop: 108,
  linuxSll: 113,
  ieee80211Prism: 119,
  ieee80211Radiotap: 127,
  ieee80211Avs: 163,
  pppPppd: 166,
  ppi: 192,
  pppWithDirection: 204,
  ciscoHdlcWithDirection: 205,
  mpls: 219,
  ipv4: 228,
  ipv6: 229,
  nflog: 239,
  pktap: 258,
  linuxSll2: 276,
} as const;

/** Bits of `Packet.tcpFlags`, RFC 9293 section 3.1. */
export const tcpFlag = {
  fin: 0x01,
  syn: 0x02,
  rst: 0x04,
  psh: 0x08,
  ack: 0x10,
  urg: 0x20,
  ece: 0x40,
  cwr: 0x80,
} as const;
