/**
 * All application protocols, one row each. Order matters only between protocols that could both recognise the same
 * bytes: the one with the stricter structure stands first. A protocol whose port it is, is asked before all others.
 */
import { isAmqpFirst, parseAmqp, probeAmqp } from "./protocols/amqp.ts";
import {
  isBittorrentFirst,
  isDhtFirst,
  isLocalSearchFirst,
  parseBittorrent,
  parseDht,
  parseLocalSearch,
  probeBittorrent,
  probeDht,
  probeLocalSearch,
} from "./protocols/bittorrent.ts";
import { isDhcpFirst, parseDhcp, probeDhcp } from "./protocols/dhcp.ts";
import {
  isDnsStreamFirst,
  parseDnsDatagram,
  parseDnsStream,
  probeDnsDatagram,
  probeLlmnrDatagram,
  probeMdnsDatagram,
  probeDnsStream,
} from "./protocols/dns.ts";
import { isDtlsFirst, parseDtls, probeDtls } from "./protocols/dtls.ts";
import { isFtpFirst, parseFtp, probeFtp } from "./protocols/ftp.ts";
import { isHttpFirst, parseHttp, probeHttp } from "./protocols/http.ts";
import { isHttp2First, parseHttp2, probeHttp2 } from "./protocols/http2.ts";
import { isIkeStreamFirst, parseIke, parseIkeStream, probeIke, probeIkeStream } from "./protocols/ike.ts";
import { isImapFirst, parseImap, probeImap } from "./protocols/imap.ts";
import { ircPorts, isIrcFirst, parseIrc, probeIrc } from "./protocols/irc.ts";
import { isLdapFirst, isLdapStreamFirst, parseLdap, probeLdap } from "./protocols/ldap.ts";
import { isMemcachedFirst, parseMemcached, probeMemcached } from "./protocols/memcached.ts";
import { parseMongodb, probeMongodb } from "./protocols/mongodb.ts";
import { isMqttFirst, parseMqtt, probeMqtt } from "./protocols/mqtt.ts";
import { isMysqlFirst, parseMysql, probeMysql } from "./protocols/mysql.ts";
import { parseNetbios, probeNetbios } from "./protocols/netbios.ts";
import { isNtpFirst, parseNtp, probeNtp } from "./protocols/ntp.ts";
import { isPgsqlFirst, parsePgsql, probePgsql } from "./protocols/pgsql.ts";
import { isPop3First, parsePop3, probePop3 } from "./protocols/pop3.ts";
import { isQuicFirst, parseQuic, probeQuic } from "./protocols/quic.ts";
import { isRdpFirst, parseRdp, probeRdp } from "./protocols/rdp.ts";
import { isRedisFirst, parseRedis, probeRedis } from "./protocols/redis.ts";
import { isRfbFirst, parseRfb, probeRfb } from "./protocols/rfb.ts";
import { isSipFirst, isSipStreamFirst, parseSip, probeSip } from "./protocols/sip.ts";
import { isSmbFirst, parseSmb, probeSmb } from "./protocols/smb.ts";
import { isSmtpFirst, parseSmtp, probeSmtp } from "./protocols/smtp.ts";
import { isSnmpFirst, parseSnmp, probeSnmp } from "./protocols/snmp.ts";
import { isSocksFirst, parseSocks, probeSocks } from "./protocols/socks.ts";
import { isSsdpFirst, parseSsdp, probeSsdp } from "./protocols/ssdp.ts";
import { isSshFirst, parseSsh, probeSsh } from "./protocols/ssh.ts";
import { isTurnFirst, parseStun, probeStun } from "./protocols/stun.ts";
import { isStunStreamFirst, parseStunStream, probeStunStream } from "./protocols/stun-stream.ts";
import { isTelnetFirst, parseTelnet, probeTelnet } from "./protocols/telnet.ts";
import { isTftpFirst, parseTftp, probeTftp } from "./protocols/tftp.ts";
import { isTlsFirst, parseTls, probeTls } from "./protocols/tls.ts";
import { isWebsocketFirst, parseWebsocket, probeWebsocket } from "./protocols/websocket.ts";
import { isWireguardFirst, parseWireguard, probeWireguard } from "./protocols/wireguard.ts";
import {
  isKrb5First,
  isKrb5StreamFirst,
  parseKrb5,
  parseKrb5Stream,
  probeKrb5,
  probeKrb5Stream,
} from "./protocols/krb5.ts";
import {
  isSyslogFirst,
  isSyslogStreamFirst,
  parseSyslog,
  parseSyslogStream,
  probeSyslog,
  probeSyslogStream,
} from "./protocols/syslog.ts";
import { serviceProtocols } from "./service-protocols.ts";
import { industrialProtocols } from "./industrial-protocols.ts";
import { infrastructureProtocols } from "./infrastructure-protocols.ts";
import { dataProtocols } from "./data-protocols.ts";
import { networkProtocols } from "./network-protocols.ts";
import type { Protocol } from "./protocol.ts";
import type { Identification } from "./verdict.ts";

const any = (): boolean => true;

/** All rows have one shape, for which the engine of JavaScript looks up a field once and not in each packet. */
const shaped = ({ name, transport, ports, firstByte, probe, parse, endless }: Protocol): Protocol => ({
  name,
  transport,
  ports,
  firstByte,
  probe,
  parse,
  endless: endless === true,
});

/** The table. A new protocol is a file under `protocols/` and a row here. */
const rows: readonly Protocol[] = [
  {
    name: "tls",
    transport: "tcp",
    ports: [
      443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 3269, 5061, 5223, 5349, 5671, 6514, 6697, 8443, 8883,
    ],
    firstByte: isTlsFirst,
    probe: probeTls,
    parse: parseTls,
  },
  {
    name: "http",
    transport: "tcp",
    ports: [80, 8000, 8008, 8080, 8888, 3128, 5985, 9200],
    firstByte: isHttpFirst,
    probe: probeHttp,
    parse: parseHttp,
  },
  { name: "http2", transport: "tcp", ports: [], firstByte: isHttp2First, probe: probeHttp2, parse: parseHttp2 },
  {
    name: "websocket",
    transport: "tcp",
    ports: [],
    firstByte: isWebsocketFirst,
    probe: probeWebsocket,
    parse: parseWebsocket,
  },
  { name: "ssh", transport: "tcp", ports: [22], firstByte: isSshFirst, probe: probeSsh, parse: parseSsh },
  { name: "smb", transport: "tcp", ports: [445, 139], firstByte: isSmbFirst, probe: probeSmb, parse: parseSmb },
  { name: "rdp", transport: "tcp", ports: [3389], firstByte: isRdpFirst, probe: probeRdp, parse: parseRdp },
  {
    name: "bittorrent",
    transport: "tcp",
    ports: [6881],
    firstByte: isBittorrentFirst,
    probe: probeBittorrent,
    parse: parseBittorrent,
  },
  { name: "amqp", transport: "tcp", ports: [5672], firstByte: isAmqpFirst, probe: probeAmqp, parse: parseAmqp },
  { name: "mqtt", transport: "tcp", ports: [1883], firstByte: isMqttFirst, probe: probeMqtt, parse: parseMqtt },
  { name: "rfb", transport: "tcp", ports: [5900, 5901], firstByte: isRfbFirst, probe: probeRfb, parse: parseRfb },
  {
    name: "ldap",
    transport: "tcp",
    ports: [389, 3268],
    firstByte: isLdapStreamFirst,
    probe: probeLdap,
    parse: parseLdap,
  },
  { name: "pgsql", transport: "tcp", ports: [5432], firstByte: isPgsqlFirst, probe: probePgsql, parse: parsePgsql },
  { name: "mysql", transport: "tcp", ports: [3306], firstByte: isMysqlFirst, probe: probeMysql, parse: parseMysql },
  { name: "mongodb", transport: "tcp", ports: [27017], firstByte: any, probe: probeMongodb, parse: parseMongodb },
  { name: "redis", transport: "tcp", ports: [6379], firstByte: isRedisFirst, probe: probeRedis, parse: parseRedis },
  {
    name: "memcached",
    transport: "tcp",
    ports: [11211],
    firstByte: isMemcachedFirst,
    probe: probeMemcached,
    parse: parseMemcached,
  },
  { name: "socks", transport: "tcp", ports: [1080], firstByte: isSocksFirst, probe: probeSocks, parse: parseSocks },
  { name: "smtp", transport: "tcp", ports: [25, 587], firstByte: isSmtpFirst, probe: probeSmtp, parse: parseSmtp },
  {
    name: "ftp",
    transport: "tcp",
    ports: [21],
    firstByte: isFtpFirst,
    probe: probeFtp,
    parse: parseFtp,
    endless: true,
  },
  { name: "pop3", transport: "tcp", ports: [110], firstByte: isPop3First, probe: probePop3, parse: parsePop3 },
  { name: "imap", transport: "tcp", ports: [143], firstByte: isImapFirst, probe: probeImap, parse: parseImap },
  { name: "sip", transport: "tcp", ports: [5060], firstByte: isSipStreamFirst, probe: probeSip, parse: parseSip },
  { name: "irc", transport: "tcp", ports: ircPorts, firstByte: isIrcFirst, probe: probeIrc, parse: parseIrc },
  { name: "telnet", transport: "tcp", ports: [23], firstByte: isTelnetFirst, probe: probeTelnet, parse: parseTelnet },
  {
    name: "dns",
    transport: "tcp",
    ports: [53],
    firstByte: isDnsStreamFirst,
    probe: probeDnsStream,
    parse: parseDnsStream,
  },
  {
    name: "stun",
    transport: "tcp",
    ports: [3478],
    firstByte: isStunStreamFirst,
    probe: probeStunStream,
    parse: parseStunStream,
  },
  { name: "quic", transport: "udp", ports: [443], firstByte: isQuicFirst, probe: probeQuic, parse: parseQuic },
  { name: "stun", transport: "udp", ports: [3478], firstByte: isTurnFirst, probe: probeStun, parse: parseStun },
  { name: "dtls", transport: "udp", ports: [5684], firstByte: isDtlsFirst, probe: probeDtls, parse: parseDtls },
  { name: "dhcp", transport: "udp", ports: [67, 68], firstByte: isDhcpFirst, probe: probeDhcp, parse: parseDhcp },
  {
    name: "ike",
    transport: "tcp",
    ports: [4500],
    firstByte: isIkeStreamFirst,
    probe: probeIkeStream,
    parse: parseIkeStream,
  },
  { name: "ike", transport: "udp", ports: [500, 4500], firstByte: any, probe: probeIke, parse: parseIke },
  {
    name: "wireguard",
    transport: "udp",
    ports: [51820],
    firstByte: isWireguardFirst,
    probe: probeWireguard,
    parse: parseWireguard,
  },
  { name: "sip", transport: "udp", ports: [5060], firstByte: isSipFirst, probe: probeSip, parse: parseSip },
  { name: "ssdp", transport: "udp", ports: [1900], firstByte: isSsdpFirst, probe: probeSsdp, parse: parseSsdp },
  {
    name: "bittorrent",
    transport: "udp",
    ports: [6771],
    firstByte: isLocalSearchFirst,
    probe: probeLocalSearch,
    parse: parseLocalSearch,
  },
  { name: "bittorrent-dht", transport: "udp", ports: [], firstByte: isDhtFirst, probe: probeDht, parse: parseDht },
  { name: "snmp", transport: "udp", ports: [161, 162], firstByte: isSnmpFirst, probe: probeSnmp, parse: parseSnmp },
  { name: "cldap", transport: "udp", ports: [389], firstByte: isLdapFirst, probe: probeLdap, parse: parseLdap },
  { name: "netbios-ns", transport: "udp", ports: [137], firstByte: any, probe: probeNetbios, parse: parseNetbios },
  { name: "netbios-dgm", transport: "udp", ports: [138], firstByte: any, probe: probeNetbios, parse: parseNetbios },
  { name: "ntp", transport: "udp", ports: [123], firstByte: isNtpFirst, probe: probeNtp, parse: parseNtp },
  { name: "tftp", transport: "udp", ports: [69], firstByte: isTftpFirst, probe: probeTftp, parse: parseTftp },
  {
    name: "dns",
    transport: "udp",
    ports: [53],
    firstByte: any,
    probe: probeDnsDatagram,
    parse: parseDnsDatagram,
    endless: true,
  },
  {
    name: "mdns",
    transport: "udp",
    ports: [5353],
    firstByte: any,
    probe: probeMdnsDatagram,
    parse: parseDnsDatagram,
    endless: true,
  },
  {
    name: "llmnr",
    transport: "udp",
    ports: [5355],
    firstByte: any,
    probe: probeLlmnrDatagram,
    parse: parseDnsDatagram,
    endless: true,
  },
  {
    name: "krb5",
    transport: "tcp",
    ports: [88],
    firstByte: isKrb5StreamFirst,
    probe: probeKrb5Stream,
    parse: parseKrb5Stream,
  },
  { name: "krb5", transport: "udp", ports: [88], firstByte: isKrb5First, probe: probeKrb5, parse: parseKrb5 },
  {
    name: "syslog",
    transport: "tcp",
    ports: [514, 601],
    firstByte: isSyslogStreamFirst,
    probe: probeSyslogStream,
    parse: parseSyslogStream,
  },
  {
    name: "syslog",
    transport: "udp",
    ports: [514],
    firstByte: isSyslogFirst,
    probe: probeSyslog,
    parse: parseSyslog,
  },
  ...serviceProtocols,
  ...industrialProtocols,
  ...infrastructureProtocols,
  ...dataProtocols,
  ...networkProtocols,
];

export const protocols: readonly Protocol[] = rows.map(shaped);

type Transport = Protocol["transport"];

function byFirstByte(transport: Transport): readonly (readonly Protocol[])[] {
  const asked = protocols.filter((protocol) => protocol.transport === transport);
  return Array.from({ length: 256 }, (_, byte) => asked.filter((protocol) => protocol.firstByte(byte)));
}

const startingWith: Readonly<Record<Transport, readonly (readonly Protocol[])[]>> = {
  tcp: byFirstByte("tcp"),
  udp: byFirstByte("udp"),
};

/** Protocols of `transport` that can begin with `byte`, in the order of the table. */
export function protocolsFor(transport: Transport, byte: number): readonly Protocol[] {
  return startingWith[transport][byte & 0xff]!;
}

function portsOf(transport: Transport): Uint8Array {
  const known = new Uint8Array(65_536);
  for (const protocol of protocols)
    if (protocol.transport === transport) for (const port of protocol.ports) known[port] = 1;
  return known;
}

const knownPorts: Readonly<Record<Transport, Uint8Array>> = { tcp: portsOf("tcp"), udp: portsOf("udp") };

/** Whether a protocol of `transport` usually listens at `port`. */
export function isPortOfAny(transport: Transport, port: number): boolean {
  return knownPorts[transport][port] === 1;
}

function hintsByPort(transport: Transport): ReadonlyMap<number, Identification> {
  const hints = new Map<number, Identification>();
  for (const protocol of protocols) {
    if (protocol.transport !== transport) continue;
    for (const port of protocol.ports) {
      if (!hints.has(port)) hints.set(port, { name: protocol.name, by: "port", facts: {} });
    }
  }
  return hints;
}

const hints: Readonly<Record<Transport, ReadonlyMap<number, Identification>>> = {
  tcp: hintsByPort("tcp"),
  udp: hintsByPort("udp"),
};

/** Ports from here on are handed out to clients (Linux: 32768 to 60999). */
const firstEphemeralPort = 32_768;
const firstUserPort = 1024;

/**
 * What the ports alone suggest: a hint, and it says so. The client's port counts only where the sides may have been
 * mixed up: it is privileged, or the server's is one that clients have.
 */
export function portHint(transport: Transport, clientPort: number, serverPort: number): Identification | undefined {
  const known = hints[transport];
  const mayBeSwapped = clientPort < firstUserPort || serverPort >= firstEphemeralPort;
  return known.get(serverPort) ?? (mayBeSwapped ? known.get(clientPort) : undefined);
}
