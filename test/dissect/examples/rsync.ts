import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** csprotocol.txt of rsync. */
export const examples: readonly Example[] = [
  {
    title: "the greetings",
    transport: "tcp",
    serverPort: 873,
    messages: [
      [false, bytesOf("@RSYNCD: 31.0 sha512 sha256 md5\n")],
      [true, bytesOf("@RSYNCD: 29\n", "archive\n")],
    ],
    name: "rsync",
    facts: { rsync: { server_protocol_version: "31.0", client_protocol_version: "29.0" } },
  },
];
