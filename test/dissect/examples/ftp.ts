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
];
