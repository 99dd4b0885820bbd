/** `socklens doctor`: what full mode needs, what of it is there, and the command that mends the rest. */
import { escapeControls } from "../bytes/index.ts";
import { openGeoDatabases, type GeoDatabases } from "../enrich/index.ts";
import { probeAll } from "../host/linux/probes.ts";
import type { Probe } from "../host/linux/probes.ts";

/** Full mode would work: everything required was tried and is there. */
export const isHealthy = (probes: readonly Probe[]): boolean =>
  probes.every((probe) => probe.need === "optional" || probe.ok === true);

function mark(probe: Probe): string {
  if (probe.ok === true) return "ok     ";
  if (probe.ok === undefined) return "-      ";
  return probe.need === "required" ? "MISSING" : "absent ";
}

/** Text for a person: a line for each probe, its remedy below it, and the verdict. */
export function doctorText(probes: readonly Probe[]): string {
  const width = Math.max(...probes.map((probe) => probe.name.length));
  const lines = probes.flatMap((probe) => {
    const line = `${mark(probe)}  ${probe.name.padEnd(width)}  ${probe.detail}`;
    return probe.fix === undefined ? [line] : [line, `${" ".repeat(11 + width)}fix: ${probe.fix}`];
  });
  const verdict = isHealthy(probes)
    ? "Full mode works."
    : "Full mode does not work; socklens runs with less and says so.";
  return `${[...lines, "", verdict].join("\n")}\n`;
}

/** One JSON object: `{ full, checks: [{ name, need, ok, detail, fix? }] }`; `ok` is null where it was not tried. */
export function doctorJson(probes: readonly Probe[]): string {
  const checks = probes.map(({ name, need, ok, detail, fix }) => ({ name, need, ok: ok ?? null, detail, fix }));
  return `${JSON.stringify({ full: isHealthy(probes), checks })}\n`;
}

/** Databases of countries: nothing depends on them but what they tell. */
export function geoipProbe({ types }: GeoDatabases): Probe {
  if (types.length > 0)
    return { name: "geoip", need: "optional", ok: true, detail: types.map(escapeControls).join(", ") };
  return {
    name: "geoip",
    need: "optional",
    ok: false,
    detail: "no database tells countries and networks of addresses",
    fix: "put GeoLite2-Country.mmdb, dbip-country-lite.mmdb or another .mmdb into /usr/share/GeoIP",
  };
}

/** Writes the report to standard output. 0: full mode would work, 1: it would not. */
export function runDoctor(json: boolean): number {
  const probes = [...probeAll(), geoipProbe(openGeoDatabases())];
  process.stdout.write(json ? doctorJson(probes) : doctorText(probes));
  return isHealthy(probes) ? 0 : 1;
}
