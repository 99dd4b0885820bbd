import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 959 section 7. */
export const examples: readonly Example[] = [
  {
    title: "a login",
    transport: "tcp",
    serverPort: 21,
    messages: [
      [false, bytesOf("220 FTP server ready\r\n")],
      [true, bytesOf("USER anonymous\r\n")],
      [false, bytesOf("331 Password, please\r\n")],
      [true, bytesOf("PASS secret\r\n")],
    ],
    name: "ftp",
    facts: { ftp: { server: "FTP server ready" } },
  },
  {
    title: "a greeting that many could send, and a password asked for",
    transport: "tcp",
    serverPort: 21,
    messages: [
      [false, bytesOf("220 Welcome.\r\n")],
      [true, bytesOf("USER alice\r\n")],
      [false, bytesOf("331 Please specify the password.\r\n")],
    ],
    name: "ftp",
    facts: { ftp: { server: "Welcome." } },
  },
  {
    title: "a reply in the middle of a session",
    transport: "tcp",
    serverPort: 21,
    messages: [[false, bytesOf("226 Transfer complete.\r\n")]],
    name: "ftp",
    facts: { ftp: {} },
    needsPort: true,
  },
];
