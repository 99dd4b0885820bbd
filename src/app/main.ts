/** Where the program starts: reads the command line and does what needs no engine, or becomes the broker. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isatty } from "node:tty";
import { terminalReset } from "../tui/terminal.ts";
import { runBroker } from "./broker/broker.ts";
import { parseCommandLine, usageErrorText } from "./cli/index.ts";
import type { Command, ReplayedFiles } from "./cli/index.ts";
import { sidecarPaths } from "../export/sidecar-path.ts";
import type { SidecarNames } from "../host/linux/resources.ts";
import { openScreenFiles } from "./config/files.ts";

type Watching = Extract<Command, { readonly kind: "screen" | "headless" | "replay" | "play" | "record" }>;

/** Where the owners of classic pcap's flows may stand: beside the captures, or where the person says. */
function sidecarNames({ files, sidecars }: ReplayedFiles): SidecarNames {
  if (sidecars !== undefined) return { required: sidecars, beside: [] };
  return { required: [], beside: files.filter((file) => file !== "-").map(sidecarPaths) };
}

/** Starts broker and engine for a command that watches or replays. */
async function watch(command: Watching, args: readonly string[]): Promise<number> {
  const hasScreen = command.kind === "screen" || command.kind === "play";
  const files = hasScreen ? openScreenFiles(command.config) : {};
  if ("problem" in files) {
    process.stderr.write(`socklens: ${files.problem}\n`);
    return 2;
  }
  const replays = command.kind === "replay" || command.kind === "play";
  const source = replays
    ? { interfaces: [], ...(command.captureFilter !== undefined && { captureFilter: command.captureFilter }) }
    : command.source;
  const { openSocketPlane } = await import("../host/linux/bpf/open.ts");
  const recording = "recording" in command ? command.recording : undefined;
  return runBroker({
    args,
    ...(recording && { recording: { snapLength: recording.snapLength }, recordingFiles: recording }),
    ...source,
    files,
    ...(replays ? { replay: command.files, sidecars: sidecarNames(command) } : {}),
    terminalReset: hasScreen ? terminalReset : "",
    openSocketPlane,
  });
}

/** Starts broker and engine for a conversion. */
async function convert(
  { files, output, options }: Extract<Command, { readonly kind: "convert" }>,
  args: readonly string[],
): Promise<number> {
  const { openSocketPlane } = await import("../host/linux/bpf/open.ts");
  const { path, overwrite, redactKey } = output;
  return runBroker({
    args,
    interfaces: [],
    files: {},
    replay: files,
    convert: {
      inputs: files,
      output: { path, overwrite, format: options.format, files: 1, purpose: "write" },
      ...(redactKey !== undefined && { redactKey }),
    },
    terminalReset: "",
    openSocketPlane,
  });
}

function version(): string {
  const file: unknown = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));
  return String((file as Record<string, unknown>)["version"]);
}

async function main(args: readonly string[]): Promise<number> {
  const line = parseCommandLine(args, { terminal: isatty(1), dumb: process.env["TERM"] === "dumb" });
  if (!line.ok) {
    process.stderr.write(usageErrorText(line, isatty(2)));
    return 2;
  }
  const { command } = line;
  switch (command.kind) {
    case "help":
      process.stdout.write(command.text);
      return 0;
    case "version":
      process.stdout.write(`socklens ${version()}\n`);
      return 0;
    case "doctor": {
      const { runDoctor } = await import("./doctor.ts");
      return runDoctor(command.json);
    }
    case "wireshark": {
      const { runWireshark } = await import("./wireshark.ts");
      return runWireshark(
        command.action,
        (text) => void process.stdout.write(text),
        (text) => void process.stderr.write(text),
      );
    }
    case "config": {
      const { runConfig } = await import("./config/index.ts");
      const write = (stream: NodeJS.WriteStream) => (text: string) => void stream.write(text);
      return runConfig(command.action, command.config, {
        out: write(process.stdout),
        error: write(process.stderr),
      });
    }
    case "convert":
      return convert(command, args);
    default:
      return watch(command, args);
  }
}

process.exitCode = await main(process.argv.slice(2));
