/**
 * Names of services by port, as people know them: /etc/services (services(5)) where there is one, over a short list of
 * IANA's names for machines without it. A port's name is a hint, never an identification.
 */
import { readFileSync } from "node:fs";

/** "tcp" or "udp", and a port; undefined when the port has no name. */
export type ServiceLookup = (protocol: string, port: number) => string | undefined;

const largestFile = 1 << 20;

/** IANA's service names, where both protocols have them or only one is in use. */
const wellKnown: readonly (readonly [port: number, name: string])[] = [
  [20, "ftp-data"],
  [21, "ftp"],
  [22, "ssh"],
  [23, "telnet"],
  [25, "smtp"],
  [43, "whois"],
  [49, "tacacs"],
  [53, "domain"],
  [67, "bootps"],
  [68, "bootpc"],
  [69, "tftp"],
  [80, "http"],
  [88, "kerberos"],
  [110, "pop3"],
  [111, "sunrpc"],
  [119, "nntp"],
  [123, "ntp"],
  [135, "epmap"],
  [137, "netbios-ns"],
  [138, "netbios-dgm"],
  [139, "netbios-ssn"],
  [143, "imap2"],
  [161, "snmp"],
  [162, "snmp-trap"],
  [179, "bgp"],
  [389, "ldap"],
  [443, "https"],
  [445, "microsoft-ds"],
  [464, "kpasswd"],
  [500, "isakmp"],
  [514, "syslog"],
  [515, "printer"],
  [546, "dhcpv6-client"],
  [547, "dhcpv6-server"],
  [554, "rtsp"],
  [587, "submission"],
  [631, "ipp"],
  [636, "ldaps"],
  [853, "domain-s"],
  [873, "rsync"],
  [989, "ftps-data"],
  [990, "ftps"],
  [993, "imaps"],
  [995, "pop3s"],
  [1080, "socks"],
  [1194, "openvpn"],
  [1433, "ms-sql-s"],
  [1521, "ncube-lm"],
  [1812, "radius"],
  [1813, "radius-acct"],
  [1883, "mqtt"],
  [1900, "ssdp"],
  [2049, "nfs"],
  [2181, "eforward"],
  [2375, "docker"],
  [2376, "docker-s"],
  [2379, "etcd-client"],
  [2380, "etcd-server"],
  [3128, "ndl-aas"],
  [3306, "mysql"],
  [3389, "ms-wbt-server"],
  [3478, "stun"],
  [4222, "nats"],
  [4500, "ipsec-nat-t"],
  [4789, "vxlan"],
  [5060, "sip"],
  [5061, "sips"],
  [5222, "xmpp-client"],
  [5269, "xmpp-server"],
  [5353, "mdns"],
  [5355, "llmnr"],
  [5432, "postgresql"],
  [5671, "amqps"],
  [5672, "amqp"],
  [5683, "coap"],
  [5900, "rfb"],
  [6379, "redis"],
  [6443, "sun-sr-https"],
  [6667, "ircu"],
  [8080, "http-alt"],
  [8443, "pcsync-https"],
  [8883, "secure-mqtt"],
  [9090, "websm"],
  [9092, "xmltec-xmlmail"],
  [9100, "pdl-datastream"],
  [9200, "wap-wsp"],
  [9418, "git"],
  [11211, "memcache"],
  [27017, "mongodb"],
  [51820, "wireguard"],
];

/** Parses the text of /etc/services into names by "protocol port"; the first name of a port wins. */
export function parseServices(text: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^([\w.+-]{1,64})\s+([0-9]{1,5})\/(tcp|udp|sctp|dccp)\b/.exec(line);
    const [, name, port, protocol] = match ?? [];
    if (name === undefined || Number(port) > 65_535) continue;
    const key = `${protocol} ${Number(port)}`;
    if (!names.has(key)) names.set(key, name);
  }
  return names;
}

/** Reads the machine's names once. A file that is missing or too large leaves the short list. */
export function readServices(path = "/etc/services"): ServiceLookup {
  const common = new Map(wellKnown);
  let text = "";
  try {
    text = readFileSync(path, "latin1").slice(0, largestFile);
  } catch {
    // Minimal systems have none.
  }
  const names = parseServices(text);
  return (protocol, port) => names.get(`${protocol} ${port}`) ?? common.get(port);
}
