import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** UPnP Device Architecture 2.0 section 1.3.2. */
export const examples: readonly Example[] = [
  {
    title: "a search",
    transport: "udp",
    serverPort: 1900,
    messages: [
      [
        true,
        bytesOf('M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nST: ssdp:all\r\n\r\n'),
      ],
    ],
    name: "ssdp",
    facts: { ssdp: { st: "ssdp:all" } },
  },
];
