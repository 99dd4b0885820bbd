/** Writes as many bytes as it is told, says on standard error that it still runs, and ends when the reader has all. */
import { standardOutput } from "../../src/app/output.ts";

const output = standardOutput();
const line = `${"x".repeat(99)}\n`;
for (let left = Number(process.argv[2]); left > 0; left -= line.length) output.write(line);
setTimeout(() => process.stderr.write(`alive ${output.waiting > 0 ? "waiting" : "done"}\n`), 10);
const ended = Promise.withResolvers<void>();
output.onEnd(() => ended.resolve());
await Promise.race([output.drained(), ended.promise]);
process.stderr.write(`${output.ended ?? "complete"}\n`);
process.exit(0);
