/**
 * How long a filter takes over 100,000 rows, beside a hand-written test of the same rows:
 *
 *     node bench/query.ts [rows]
 */
import { sampleSnapshot } from "../src/host/fake/index.ts";
import { compile } from "../src/query/index.ts";

const rows = Number(process.argv[2] ?? 100_000);
const { connections, time } = sampleSnapshot(rows);
const rounds = 15;

/** Median milliseconds of a pass over all rows, and how many matched. */
function measure(test: (connection: (typeof connections)[number]) => boolean): {
  milliseconds: number;
  matched: number;
} {
  const times: number[] = [];
  let matched = 0;
  for (let round = 0; round < rounds; round++) {
    matched = 0;
    const start = performance.now();
    for (const connection of connections) if (test(connection)) matched++;
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { milliseconds: times[rounds >> 1] ?? 0, matched };
}

const control = measure((c) => c.local.port === 443 || c.remote.port === 443);
console.log(`${rows} rows, median of ${rounds} passes`);
console.log("ms".padStart(9), "ratio".padStart(7), "matched".padStart(9), " filter");
const line = (result: typeof control, name: string): void =>
  console.log(
    result.milliseconds.toFixed(2).padStart(9),
    (result.milliseconds / control.milliseconds).toFixed(1).padStart(7),
    String(result.matched).padStart(9),
    "",
    name,
  );
line(control, "(control: port 443 by hand)");
for (const text of [
  "port:443",
  "dst:10.0.0.0/8",
  "dst:2001:db8::/32",
  "process:firefox",
  "bytes>10MB",
  "age<10s",
  "sni:/\\.cdn\\./",
  "process:firefox and (port:443 or sni:/\\.cdn\\./) and not dst:10.0.0.0/8 and bytes>10MB",
  "firefox",
  "443",
  "nothing-shows-this",
  "/(x+x+)+y/",
]) {
  const query = compile(text);
  if (!query.ok) throw new Error(`${text}: ${query.message}`);
  line(
    measure((connection) => query.predicate(connection, time)),
    text,
  );
}
