import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 1939 section 10. */
export const examples: readonly Example[] = [
  {
    title: "a greeting with APOP's timestamp",
    transport: "tcp",
    serverPort: 110,
    messages: [
      [false, bytesOf("+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\r\n")],
      [true, bytesOf("APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n")],
    ],
    name: "pop3",
    facts: { pop3: {} },
  },
];
