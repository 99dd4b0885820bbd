/** Rows of the registry: files, administration, discovery, chat and media. */
import { isDcerpcFirst, parseDcerpc, probeDcerpc } from "./protocols/dcerpc.ts";
import { isDhcpv6First, parseDhcpv6, probeDhcpv6 } from "./protocols/dhcpv6.ts";
import { isGitFirst, parseGit, probeGit } from "./protocols/git.ts";
import { isH323First, parseH323, probeH323 } from "./protocols/h323.ts";
import { isRasFirst, parseRas, probeRas } from "./protocols/h225-ras.ts";
import { isKpasswdFirst, parseKpasswd, probeKpasswd } from "./protocols/kpasswd.ts";
import { isNatsFirst, parseNats, probeNats } from "./protocols/nats.ts";
import { isNetbiosSsnFirst, parseNetbiosSsn, probeNetbiosSsn } from "./protocols/netbios-ssn.ts";
import { isNntpFirst, parseNntp, probeNntp } from "./protocols/nntp.ts";
import { isRsyncFirst, parseRsync, probeRsync } from "./protocols/rsync.ts";
import { isRtmpFirst, parseRtmp, probeRtmp } from "./protocols/rtmp.ts";
import { isRtspFirst, parseRtsp, probeRtsp } from "./protocols/rtsp.ts";
import { parseRdpUdp, probeRdpUdp } from "./protocols/rdp-udp.ts";
import { isTacacsFirst, parseTacacs, probeTacacs } from "./protocols/tacacs.ts";
import { isTelegramFirst, parseTelegram, probeTelegram } from "./protocols/telegram.ts";
import { isWhatsappFirst, parseWhatsapp, probeWhatsapp } from "./protocols/whatsapp.ts";
import { isWsdFirst, parseWsd, probeWsd } from "./protocols/wsd.ts";
import { isXmppFirst, parseXmpp, probeXmpp } from "./protocols/xmpp.ts";
import type { Protocol } from "./protocol.ts";

const any = (): boolean => true;

export const serviceProtocols: readonly Protocol[] = [
  { name: "nats", transport: "tcp", ports: [4222], firstByte: isNatsFirst, probe: probeNats, parse: parseNats },
  {
    name: "netbios-ssn",
    transport: "tcp",
    ports: [139],
    firstByte: isNetbiosSsnFirst,
    probe: probeNetbiosSsn,
    parse: parseNetbiosSsn,
  },
  { name: "rtsp", transport: "tcp", ports: [554, 8554], firstByte: isRtspFirst, probe: probeRtsp, parse: parseRtsp },
  { name: "rsync", transport: "tcp", ports: [873], firstByte: isRsyncFirst, probe: probeRsync, parse: parseRsync },
  { name: "git", transport: "tcp", ports: [9418], firstByte: isGitFirst, probe: probeGit, parse: parseGit },
  { name: "xmpp", transport: "tcp", ports: [5222, 5269], firstByte: isXmppFirst, probe: probeXmpp, parse: parseXmpp },
  {
    name: "whatsapp",
    transport: "tcp",
    ports: [],
    firstByte: isWhatsappFirst,
    probe: probeWhatsapp,
    parse: parseWhatsapp,
  },
  {
    name: "telegram",
    transport: "tcp",
    ports: [],
    firstByte: isTelegramFirst,
    probe: probeTelegram,
    parse: parseTelegram,
  },
  { name: "rdp", transport: "udp", ports: [3389], firstByte: any, probe: probeRdpUdp, parse: parseRdpUdp },
  { name: "dcerpc", transport: "tcp", ports: [135], firstByte: isDcerpcFirst, probe: probeDcerpc, parse: parseDcerpc },
  { name: "nntp", transport: "tcp", ports: [119, 433], firstByte: isNntpFirst, probe: probeNntp, parse: parseNntp },
  { name: "rtmp", transport: "tcp", ports: [1935], firstByte: isRtmpFirst, probe: probeRtmp, parse: parseRtmp },
  { name: "h323", transport: "tcp", ports: [1720], firstByte: isH323First, probe: probeH323, parse: parseH323 },
  { name: "h323", transport: "udp", ports: [1718, 1719], firstByte: isRasFirst, probe: probeRas, parse: parseRas },
  {
    name: "krb5",
    transport: "tcp",
    ports: [464],
    firstByte: isKpasswdFirst,
    probe: probeKpasswd,
    parse: parseKpasswd,
  },
  {
    name: "krb5",
    transport: "udp",
    ports: [464],
    firstByte: isKpasswdFirst,
    probe: probeKpasswd,
    parse: parseKpasswd,
  },
  { name: "tacacs", transport: "tcp", ports: [49], firstByte: isTacacsFirst, probe: probeTacacs, parse: parseTacacs },
  { name: "wsd", transport: "udp", ports: [3702], firstByte: isWsdFirst, probe: probeWsd, parse: parseWsd },
  {
    name: "dhcpv6",
    transport: "udp",
    ports: [546, 547],
    firstByte: isDhcpv6First,
    probe: probeDhcpv6,
    parse: parseDhcpv6,
  },
];
