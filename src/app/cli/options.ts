/**
 * The one table of commands and options: parsing, help, the man page and the suggestions for mistyped names are all
 * read from it.
 */

/** What an option belongs to: watching on the screen, writing headless, or a command. */
export type CommandName = "screen" | "headless" | "replay" | "record" | "doctor" | "config" | "wireshark" | "convert";

export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  /** Placeholder of the option's value; absent: the option is a flag. */
  readonly value?: string;
  /** The flag may have one of these behind it. */
  readonly choices?: readonly string[];
  readonly repeatable?: boolean;
  readonly commands: readonly CommandName[];
  /** A sentence without its full stop. */
  readonly summary: string;
}

const writers: readonly CommandName[] = ["headless", "replay"];
const live: readonly CommandName[] = ["screen", "headless", "record"];
const recorders: readonly CommandName[] = ["record", "screen", "headless"];
const screens: readonly CommandName[] = ["screen", "replay"];
const everywhere: readonly CommandName[] = ["screen", "headless", "replay", "record"];

export const options: readonly OptionSpec[] = [
  {
    name: "json",
    commands: [...writers, "doctor"],
    summary: "Write one JSON object a line: a flow when it ends or when the run ends (docs/flow.schema.json)",
  },
  { name: "csv", commands: writers, summary: "Write the same as CSV (RFC 4180) with a header line" },
  {
    name: "plain",
    commands: writers,
    summary: "Write a table for people each interval (1 second unless --interval says otherwise)",
  },
  {
    name: "by",
    value: "flow|process|host|app",
    commands: writers,
    summary: "Write flows, or sums by process, remote host or application (default: flow)",
  },
  {
    name: "interval",
    value: "SECONDS",
    commands: writers,
    summary: "Also write the flows that are active, or the sums, each interval; 0.1 to 86400",
  },
  {
    name: "count",
    value: "N",
    commands: writers,
    summary: "End after N intervals (1 second each unless --interval says otherwise)",
  },
  {
    name: "duration",
    value: "SECONDS",
    commands: [...writers, "record"],
    summary: "End after this time; 90, 1.5m and 2h are valid",
  },
  {
    name: "filter",
    value: "EXPRESSION",
    commands: [...everywhere, "convert"],
    summary: "Only connections that match, such as 'process:firefox and not dst:10.0.0.0/8'",
  },
  {
    name: "interface",
    short: "i",
    value: "INTERFACE",
    repeatable: true,
    commands: live,
    summary: "Look at the frames of this interface only; may be given several times (default: all)",
  },
  {
    name: "bpf-filter",
    short: "f",
    value: "FILTER",
    commands: everywhere,
    summary:
      "Capture filter in tcpdump's syntax: live, the flows it would match by address, protocol and port; in replay, the frames",
  },
  {
    name: "from",
    value: "TIME",
    commands: ["replay", "convert"],
    summary:
      "Leave out packets before this time: 2026-05-01T10:00:00Z (UTC unless it names a zone), or 90, 1.5m, 2h after the first packet",
  },
  {
    name: "to",
    value: "TIME",
    commands: ["replay", "convert"],
    summary: "Leave out packets after this time, given in the same way",
  },
  {
    name: "sidecar",
    value: "FILE",
    repeatable: true,
    commands: ["replay"],
    summary:
      "Read whose the flows are from this file (Socklens's or RustNet's), instead of FILE.jsonl or FILE.connections.jsonl " +
      "beside the capture",
  },
  { name: "no-sidecar", commands: ["replay"], summary: "Do not look for files beside the capture" },
  {
    name: "follow",
    commands: ["replay"],
    summary: "At the end of the file wait for what is still written to it, until Ctrl-C; looks four times a second",
  },
  {
    name: "speed",
    value: "SPEED",
    commands: ["replay"],
    summary: "On the screen, play so many times as fast: 0.1, 0.25, 0.5, 1, 2, 5, 10, 50, 100 or max (default: 1)",
  },
  {
    name: "refresh",
    short: "r",
    value: "MILLISECONDS",
    commands: screens,
    summary: "Time between two refreshes of the screen, 50 to 60000 (default: 500, or what the configuration says)",
  },
  {
    name: "language",
    value: "LANGUAGE",
    commands: screens,
    summary: "Language of the screen: en, de, fr, es, ja or zh (default: that of the locale)",
  },
  {
    name: "theme",
    value: "NAME",
    commands: screens,
    summary: "Colours of the screen: default, nord, dracula, ... (T on the screen lists them)",
  },
  {
    name: "config",
    value: "FILE",
    commands: [...screens, "config"],
    summary: "Configuration file (default: $XDG_CONFIG_HOME/socklens/config.toml)",
  },
  {
    name: "private",
    commands: everywhere,
    summary: "Replace addresses, host names and users by aliases on the screen and in all output",
  },
  {
    name: "write",
    short: "w",
    value: "FILE",
    commands: ["record"],
    summary:
      "Record into this file: classic pcap where its name ends in .pcap, with what is known of the flows in FILE.jsonl; else " +
      "pcapng, which holds both; - is standard output, for 'wireshark -k -i -'",
  },
  {
    name: "pcapng-export",
    value: "FILE",
    commands: ["screen", "headless"],
    summary: "Also record all frames into this file, as socklens record does",
  },
  {
    name: "pcap-export",
    value: "FILE",
    commands: ["screen", "headless"],
    summary:
      "The same as classic pcap, for tools that read nothing else, with what is known of the flows in FILE.jsonl",
  },
  {
    name: "snaplen",
    short: "s",
    value: "BYTES",
    commands: recorders,
    summary: "Record at most so many bytes of each frame, 14 to 262144 (default: all)",
  },
  { name: "packets", value: "N", commands: ["record", "convert"], summary: "End after N packets that were written" },
  {
    name: "files",
    value: "N",
    commands: recorders,
    summary: "Let up to N files (2 to 1000) take turns, named FILE-1 and so on: with --rotate-size or --rotate-age",
  },
  {
    name: "rotate-size",
    value: "SIZE",
    commands: recorders,
    summary: "Go on in the next file when one has this size: 100MB, 1GiB",
  },
  { name: "rotate-age", value: "SECONDS", commands: recorders, summary: "Go on in the next file after this time" },
  {
    name: "output",
    short: "o",
    value: "FILE",
    commands: ["convert"],
    summary:
      "Write this file: pcap where its name ends in .pcap or .cap, else pcapng; with .gz or .zst behind that, compressed; - is " +
      "standard output",
  },
  {
    name: "format",
    value: "pcapng|pcap|pcap-us|pcap-ns",
    commands: ["convert"],
    summary:
      "Write this format, whatever the name says; pcap has times as fine as what is read, pcap-us and pcap-ns in micro- and " +
      "nanoseconds",
  },
  {
    name: "snap",
    value: "BYTES",
    commands: ["convert"],
    summary: "Keep at most so many bytes of each packet behind its transport header; 0: headers only",
  },
  {
    name: "redact",
    choices: ["prefix"],
    commands: ["convert"],
    summary:
      "Replace addresses and names by pseudonyms, the same one for the same value, and cut the payload, which holds both; with " +
      "prefix, addresses with a common prefix get pseudonyms with a common prefix",
  },
  {
    name: "redact-key",
    value: "FILE",
    commands: ["convert"],
    summary: "Make the pseudonyms of --redact with the bytes of this file (16 at least): the same ones in every run",
  },
  {
    name: "keep-payload",
    commands: ["convert"],
    summary: "With --redact: keep the payload as it is, with the names and addresses in it",
  },
  {
    name: "overwrite",
    commands: [...recorders, "convert"],
    summary: "Replace files that exist by what is recorded or converted",
  },
  { name: "no-color", commands: everywhere, summary: "No colours (also when NO_COLOR is set)" },
  {
    name: "help",
    short: "h",
    commands: [...everywhere, "doctor", "config", "wireshark", "convert"],
    summary: "Show help and end",
  },
  {
    name: "version",
    short: "V",
    commands: [...everywhere, "doctor", "config", "wireshark", "convert"],
    summary: "Show the version and end",
  },
];

export interface CommandSpec {
  readonly name: "replay" | "record" | "convert" | "doctor" | "config" | "wireshark" | "help" | "version";
  /** What follows the name. */
  readonly usage: string;
  readonly summary: string;
  readonly details: readonly string[];
}

export const commands: readonly CommandSpec[] = [
  {
    name: "replay",
    usage: "[OPTIONS] FILE...",
    summary:
      "Play capture files (pcap or pcapng, also in gzip or Zstandard; - is standard input) on the screen, or write their flows",
    details: [
      "Several files are merged by the times of their packets. A file that is cut or damaged gives everything up to there, then " +
        "a line that says at which byte and why, and exit code 1.",
      "On a terminal it plays them on the screen: Space pauses, + and - change the speed, . and , go by packets, ; goes to a time " +
        "or packet; --plain writes a table of all flows at once. Elsewhere it writes that table, or JSON or CSV. Times, intervals and durations are those of the capture, not of the " +
        "clock; bytes are frame bytes as captured on the wire.",
    ],
  },
  {
    name: "record",
    usage: "[OPTIONS] -w FILE",
    summary: "Record frames into a pcapng or pcap file, with the process, container and protocol of each flow",
    details: [
      "Wireshark opens the file as it is; replaying it shows owners, containers and names again. With --filter only the " +
        "frames of matching flows are kept ('process:curl'), with -f only what the kernel's filter lets through. Ends on " +
        "SIGINT, or after --packets or --duration.",
    ],
  },
  {
    name: "convert",
    usage: "[OPTIONS] FILE... -o FILE",
    summary:
      "Write capture files (pcap or pcapng, also in gzip or Zstandard; - is standard input) into one, whole or in part, with or " +
      "without what tells who was there",
    details: [
      "Several files are merged by the times of their packets; in pcapng each keeps its interfaces. pcapng keeps comments, names, " +
        "statistics, blocks of other programs and the owners of flows; pcap has room for packets of one link type only, and the owners " +
        "are written to FILE.jsonl beside it. What lies beside a pcap file that is read comes back into pcapng.",
      "With --filter only the packets of connections that match are written, as replay would show them: the files are read twice. (Of " +
        "standard input, which can be read once, a connection's packets from when it matches.)",
      "With --redact nothing of a packet is kept that is not understood: what cannot be redacted is cut off or left out, and counted " +
        "in the last line. Ports, sizes, times and protocols stay. SECURITY.md says what that hides and what it does not.",
      "A file that is cut or damaged gives everything up to there, then a line that says at which byte and why, and exit code 1.",
    ],
  },
  {
    name: "doctor",
    usage: "[--json]",
    summary: "Say what this machine lets Socklens see, what is missing, and the command that mends it",
    details: [],
  },
  {
    name: "config",
    usage: "print|path|check [--config FILE]",
    summary: "Print the configuration of the screen that holds, say where its file is, or check the file",
    details: [
      "The file is TOML. What an option says holds before what the environment says (SOCKLENS_THEME, SOCKLENS_FILTER, " +
        "SOCKLENS_REFRESH, SOCKLENS_LANGUAGE; SOCKLENS_CONFIG names the file), and that before the file. print writes all " +
        "settings with their meaning, as a file that reads back as the same. check reports every mistake as " +
        "FILE:LINE:COLUMN and ends with exit code 2 when there is one.",
    ],
  },
  {
    name: "wireshark",
    usage: "install|print",
    summary: "Install the dissector that shows a recording's owners in Wireshark, or print it",
    details: [
      "Then Wireshark and tshark filter recordings by socklens.process.name, .pid, socklens.container.name, socklens.app_proto " +
        "and more. (tshark needs -2 to know the owner of a file's first packet, whose record follows it.)",
    ],
  },
  { name: "help", usage: "[COMMAND]", summary: "Show help, or the help of a command", details: [] },
  { name: "version", usage: "", summary: "Show the version", details: [] },
];

/** Commands of versions to come: named, so that nobody looks for a spelling mistake. */
export const laterCommands: readonly string[] = ["history", "daemon", "throttle", "block", "kill"];

export const exitCodes: readonly (readonly [number, string])[] = [
  [0, "all went well, also when the reader of the output went away"],
  [1, "something failed at run time"],
  [2, "the command line is wrong"],
];

/** How the headless run behaves, in sentences; for help and the man page. */
export const headlessNotes: readonly string[] = [
  'With --json and --csv a flow is written once, when it ends or when the run ends (reason "shutdown"); with --interval ' +
    "the flows that were active in the interval are written too, without a reason. Listening sockets are no flows.",
  'Records of event_type "stats" (totals, level, losses) are written each interval and at the end, so that losses are ' +
    "part of every export.",
  "SIGINT and SIGTERM end a run in good order, with its last records. When the reader goes away the run ends with exit " +
    "code 0.",
  "When the reader is too slow, tables and the records of --interval are left out first, and final records when 32 MiB " +
    "are waiting; what was left out is counted in records_dropped.",
];
