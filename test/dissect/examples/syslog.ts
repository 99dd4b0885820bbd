import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 5424 section 6.5, RFC 3164 section 5.4. */
export const examples: readonly Example[] = [
  {
    title: "the form of RFC 5424",
    transport: "udp",
    serverPort: 514,
    messages: [[true, bytesOf("<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - text")]],
    name: "syslog",
    facts: { syslog: { facility: 4, severity: 2 } },
  },
  {
    title: "the form of RFC 3164",
    transport: "udp",
    serverPort: 514,
    messages: [[true, bytesOf("<13>Feb  5 17:32:18 10.0.0.99 text")]],
    name: "syslog",
    facts: { syslog: { facility: 1, severity: 5 } },
  },
  {
    title: "a priority alone",
    transport: "udp",
    serverPort: 514,
    messages: [[true, bytesOf("<165>text")]],
    name: "syslog",
    facts: { syslog: { facility: 20, severity: 5 } },
    needsPort: true,
  },
  {
    title: "frames with their length, RFC 6587 section 3.4.1",
    transport: "tcp",
    serverPort: 514,
    messages: [
      [true, bytesOf("42 <165>1 2003-08-24T05:14:15Z host app - - -40 <34>1 2003-08-24T05:14:16Z host su - - -")],
    ],
    name: "syslog",
    facts: { syslog: { facility: 20, severity: 5 } },
  },
  {
    title: "lines, RFC 6587 section 3.4.2",
    transport: "tcp",
    serverPort: 601,
    messages: [[true, bytesOf("<13>Feb  5 17:32:18 10.0.0.99 text\n<13>Feb  5 17:32:19 10.0.0.99 text\n")]],
    name: "syslog",
    facts: { syslog: { facility: 1, severity: 5 } },
  },
  {
    title: "a router's numbered line",
    transport: "udp",
    serverPort: 5140,
    messages: [[true, bytesOf("<189>1234: *Mar  1 00:01:02.345: %SYS-5-CONFIG_I: Configured from console\n")]],
    name: "syslog",
    facts: { syslog: { facility: 23, severity: 5 } },
  },
  {
    title: "a line without date in a stream",
    transport: "tcp",
    serverPort: 514,
    messages: [[true, bytesOf("<13>started\n")]],
    name: "syslog",
    facts: { syslog: { facility: 1, severity: 5 } },
    needsPort: true,
  },
];
