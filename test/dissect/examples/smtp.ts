import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

export const examples: readonly Example[] = [
  {
    title: "RFC 5321 section D.1",
    transport: "tcp",
    serverPort: 25,
    messages: [
      [false, bytesOf("220 foo.com Simple Mail Transfer Service Ready ESMTP\r\n")],
      [true, bytesOf("EHLO bar.com\r\n")],
      [false, bytesOf("250-foo.com greets bar.com\r\n250 HELP\r\n")],
      [true, bytesOf("MAIL FROM:<Smith@bar.com>\r\n")],
    ],
    name: "smtp",
    facts: { smtp: { server: "foo.com Simple Mail Transfer Service Ready ESMTP", helo: "bar.com" } },
  },
];
