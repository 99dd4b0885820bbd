import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

const packet = (text: string): Uint8Array => bytesOf((text.length + 4).toString(16).padStart(4, "0"), text);
const object = "1d3fcd5ced445d1abc402225c0b8a1299641f497";

/** gitprotocol-pack(5), "Git Transport" and "Reference Discovery". */
export const examples: readonly Example[] = [
  {
    title: "a fetch",
    transport: "tcp",
    serverPort: 9418,
    messages: [
      [true, packet("git-upload-pack /project.git\0host=git.example.org\0\0version=1\0")],
      [false, bytesOf(packet("version 1\n"), packet(`${object} HEAD\0multi_ack thin-pack\n`))],
    ],
    name: "git",
    facts: { git: { command: "git-upload-pack", path: "/project.git", host: "git.example.org", version: 1 } },
  },
  {
    title: "an answer alone",
    transport: "tcp",
    serverPort: 9418,
    messages: [[false, packet(`${object} refs/heads/main\0report-status\n`)]],
    name: "git",
    facts: { git: {} },
  },
];
