import { bytesOf, prefixed, u16 } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 2326 section 10.1. */
export const examples: readonly Example[] = [
  {
    title: "options and their answer",
    transport: "tcp",
    serverPort: 554,
    messages: [
      [
        true,
        bytesOf(
          "OPTIONS rtsp://user:word@media.example.org:554/twister?key=1 RTSP/1.0\r\nCSeq: 1\r\n",
          "User-Agent: LibVLC/3.0\r\n\r\n",
        ),
      ],
      [false, bytesOf("RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: GStreamer RTSP server\r\nPublic: DESCRIBE\r\n\r\n")],
    ],
    name: "rtsp",
    facts: {
      rtsp: {
        method: "OPTIONS",
        url: "rtsp://media.example.org:554/twister",
        version: "1.0",
        status: 200,
        user_agent: "LibVLC/3.0",
        server: "GStreamer RTSP server",
      },
    },
  },
  {
    title: "media between the messages of a session that was joined later",
    transport: "tcp",
    serverPort: 8554,
    messages: [
      [
        false,
        bytesOf(
          [1, 2, 3, 4].map((number) => ["$", 0, prefixed(2, 0x80, 96, u16(number), new Uint8Array(40 + number))]),
        ),
      ],
    ],
    name: "rtsp",
    facts: { rtsp: { interleaved: true } },
  },
];
