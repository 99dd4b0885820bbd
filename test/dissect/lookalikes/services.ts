import { bytesOf, prefixed, u16, u24, u32 } from "../build.ts";
import type { Lookalike } from "./lookalike.ts";

const client = (
  isNot: string,
  transport: "tcp" | "udp",
  serverPort: number,
  title: string,
  bytes: Uint8Array,
): Lookalike => ({ title, isNot, transport, serverPort, messages: [[true, bytes]] });

const duid = bytesOf(u16(1), prefixed(2, u16(3), u16(1), [8, 0, 0x27, 0xfe, 0x8f, 0x95]));
const tacacsBody = new Uint8Array(20).fill(0x9d);

export const lookalikes: readonly Lookalike[] = [
  client("rsync", "tcp", 873, "no version", bytesOf("@RSYNCD: hello\n")),
  client("rsync", "tcp", 873, "a version that never was", bytesOf("@RSYNCD: 99.0\n")),
  client("rsync", "tcp", 873, "another word", bytesOf("@RSYNC: 31.0\n")),
  client("git", "tcp", 9418, "a length in the wrong base", bytesOf("00zzgit-upload-pack /a\0")),
  client(
    "git",
    "tcp",
    9418,
    "hexadecimal digits and text",
    bytesOf("003ehello over there, this is only some text of mine...."),
  ),
  client("git", "tcp", 9418, "an object's name of another length", bytesOf("0020", "ab".repeat(10), " HEAD\0x")),
  client("tacacs", "tcp", 49, "minor version 1 of accounting", bytesOf(0xc1, 3, 1, 0, u32(7), u32(20), tacacsBody)),
  client("tacacs", "tcp", 49, "a server's sequence number", bytesOf(0xc0, 1, 2, 0, u32(7), u32(20), tacacsBody)),
  client("tacacs", "tcp", 49, "more bytes than the length", bytesOf(0xc0, 1, 1, 0, u32(7), u32(19), tacacsBody)),
  client("tacacs", "tcp", 49, "flags that do not exist", bytesOf(0xc0, 1, 1, 8, u32(7), u32(20), tacacsBody)),
  client("wsd", "udp", 3702, "another action", bytesOf("<s:Envelope><a:Action>http://example.org/Probe</a:Action>")),
  client(
    "wsd",
    "udp",
    3702,
    "the namespace without a message",
    bytesOf('<s:Envelope xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery/">'),
  ),
  client("dhcpv6", "udp", 547, "an option that is cut short", bytesOf(1, u24(7), duid, u16(6), u16(9), 0)),
  client("dhcpv6", "udp", 547, "no identity", bytesOf(1, u24(7), u16(8), u16(2), u16(0))),
  client("dhcpv6", "udp", 547, "a DUID of no kind", bytesOf(1, u24(7), u16(1), u16(6), u16(9), u32(7))),
  client("rtsp", "tcp", 554, "HTTP", bytesOf("OPTIONS * HTTP/1.1\r\nHost: example.org\r\n\r\n")),
  client("rtsp", "tcp", 554, "SIP", bytesOf("OPTIONS sip:a@example.org SIP/2.0\r\nVia: SIP/2.0/TCP x\r\n\r\n")),
  client("rtsp", "tcp", 554, "a status of letters", bytesOf("RTSP/1.0 yes OK\r\n\r\n")),
  client(
    "xmpp",
    "tcp",
    5222,
    "other XML",
    bytesOf("<?xml version='1.0'?><note>http://etherx.jabber.org/streams</note>"),
  ),
  client("xmpp", "tcp", 5222, "a stream of another namespace", bytesOf("<stream:stream xmlns:stream='urn:x'>")),
  client("h323", "tcp", 1720, "X.224 in TPKT", bytesOf(3, 0, u16(11), 6, 0xe0, u16(0), u16(0), 0)),
  client("h323", "tcp", 1720, "Q.931 without H.225.0", bytesOf(3, 0, u16(14), 8, 2, u16(1), 5, 4, 3, 0x88, 0x93, 0xa5)),
  client(
    "h323",
    "tcp",
    1720,
    "a user-user element that ends elsewhere",
    bytesOf(3, 0, u16(14), 8, 2, u16(1), 5, 0x7e, u16(9), 5, 0),
  ),
  client("whatsapp", "tcp", 5222, "words", bytesOf("WAS IST DAS DENN?")),
  client(
    "whatsapp",
    "tcp",
    5222,
    "a key of another length",
    bytesOf("WA", 6, 3, [0, 0, 36, 0x12, 34, 0x0a, 31], u32(7)),
  ),
];
