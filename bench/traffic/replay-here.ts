/**
 * Replays one file in this process, without broker and sandbox, so that a profiler sees it: `replay-here.ts FILE
 * [--counters]`. Writes records to standard output as `socklens replay --json` does; with `--counters` payload is not looked
 * at, and one line a flow gives its counters.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { runReplay } from "../../src/app/replay.ts";
import { parseCommandLine } from "../../src/app/cli/index.ts";
import { systemClock } from "../../src/app/headless.ts";
import type { Output } from "../../src/app/output.ts";
import { CaptureFileReader, FrameBatch } from "../../src/files/index.ts";
import { createFlowEngine } from "../../src/flow/index.ts";
import { epochMillis, type Connection, type Host } from "../../src/model/index.ts";

const standardOutput: Output = {
  write(text) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at);
  },
  waiting: 0,
  drained: () => Promise.resolve(),
  ended: undefined,
  onEnd() {},
  width: Infinity,
};

async function replayAll(file: string): Promise<void> {
  const line = parseCommandLine(["replay", file, "--json"], { terminal: false });
  if (!line.ok || line.command.kind !== "replay") throw new Error(`replay-here: ${file} is no file to replay`);
  const descriptor = openSync(file, "r");
  const { problem } = await runReplay({
    captures: [{ descriptor, file }],
    options: line.command.output,
    output: standardOutput,
    clock: systemClock,
    stop: new AbortController().signal,
  });
  closeSync(descriptor);
  if (problem !== undefined) throw new Error(problem);
}

const host: Host = {
  level: { level: "replay", missing: [] },
  processes: { lookup: () => undefined },
  interfaces: { read: () => [] },
  close() {},
};

/** The table alone: what `tshark -z conv` counts, and rows end by timeout beside. */
function countOnly(file: string): void {
  const descriptor = openSync(file, "r");
  const reader = new CaptureFileReader(descriptor);
  const batch = new FrameBatch();
  const engine = createFlowEngine({ host });
  let nextTick = 0;
  const write = (rows: readonly Connection[]): void => {
    let text = "";
    for (const { protocol, local, remote, txPackets, txBytes, rxPackets, rxBytes } of rows) {
      text += `${protocol} ${local.address}:${local.port} ${remote.address}:${remote.port} ${txPackets} ${txBytes} ${rxPackets} ${rxBytes}\n`;
    }
    if (text !== "") standardOutput.write(text);
  };
  while (reader.next(batch)) {
    for (let index = 0; index < batch.count; index++) {
      const frame = batch.frame(index);
      if (frame.time >= nextTick) {
        engine.tick(frame.time);
        write(engine.takeEnded());
        nextTick = epochMillis(frame.time + 1000);
      }
      engine.ingestFrame(frame);
    }
  }
  closeSync(descriptor);
  engine.close();
  write(engine.takeEnded());
}

const [file, mode] = process.argv.slice(2);
if (file === undefined) throw new Error("replay-here: which file?");
if (mode === "--counters") countOnly(file);
else await replayAll(file);
