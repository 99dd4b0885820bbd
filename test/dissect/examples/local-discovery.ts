import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** Searches for one's own kind in the local network. */
export const examples: readonly Example[] = [
  {
    title: "Dropbox",
    transport: "udp",
    serverPort: 17_500,
    messages: [
      [
        true,
        bytesOf('{"host_int": 12345, "version": [1, 8], "displayname": "12345", "port": 17500, "namespaces": [6, 7]}'),
      ],
    ],
    name: "dropbox",
    facts: { dropbox: { version: "1.8" } },
  },
  {
    title: "Spotify",
    transport: "udp",
    serverPort: 57_621,
    messages: [[true, bytesOf("SpotUdp0", new Uint8Array(36).fill(7))]],
    name: "spotify",
    facts: { spotify: { message: "discovery" } },
  },
];
