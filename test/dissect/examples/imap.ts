import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 9051 section 8. */
export const examples: readonly Example[] = [
  {
    title: "a login",
    transport: "tcp",
    serverPort: 143,
    messages: [
      [
        false,
        bytesOf("* OK [CAPABILITY STARTTLS AUTH=SCRAM-SHA-256 LOGINDISABLED IMAP4rev2] IMAP4rev2 Service Ready\r\n"),
      ],
      [true, bytesOf("a001 login mrc secret\r\n")],
    ],
    name: "imap",
    facts: { imap: {} },
  },
  {
    title: "a client's commands alone",
    transport: "tcp",
    serverPort: 143,
    messages: [[true, bytesOf("a1 CAPABILITY\r\n")]],
    name: "imap",
    facts: { imap: {} },
  },
  {
    title: "untagged data in the middle of a session",
    transport: "tcp",
    serverPort: 143,
    messages: [[false, bytesOf("* 23 EXISTS\r\na4 OK Completed\r\n")]],
    name: "imap",
    facts: { imap: {} },
    needsPort: true,
  },
  {
    title: "a command in the middle of a session",
    transport: "tcp",
    serverPort: 143,
    messages: [[true, bytesOf("a5 UID FETCH 1:* (FLAGS)\r\n")]],
    name: "imap",
    facts: { imap: {} },
    needsPort: true,
  },
];
