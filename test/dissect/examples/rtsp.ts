import { bytesOf } from "../build.ts";
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
];
