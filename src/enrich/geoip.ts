/**
 * Countries and autonomous systems of addresses, from databases in MaxMind's format (GeoLite2, DB-IP Lite, IPinfo) that
 * somebody put where such databases are. None comes with the program.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseAddress, type Geo, type GeoLookup } from "../model/index.ts";
import { Mmdb, type MmdbMap, type MmdbValue } from "./mmdb.ts";
import { PagedFile } from "./paged-file.ts";

const directories = ["/usr/share/GeoIP", "/var/lib/GeoIP", "/usr/local/share/GeoIP"];
const mostFiles = 16;
const leastBytes = 64;
/** Pages of each database that are kept: the upper part of the tree, and what was asked last. 2 MB. */
const mostPages = 512;
/** Addresses whose answers are kept. */
const mostAnswers = 8192;
const longestName = 64;

/** What databases know, and which they are. */
export interface GeoDatabases {
  readonly lookup: GeoLookup;
  /** Types by what they call themselves; empty when there is none. */
  readonly types: readonly string[];
}

const isMap = (value: MmdbValue | undefined): value is MmdbMap => value instanceof Map;

function textOf(value: MmdbValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value.slice(0, longestName) : undefined;
}

/** "CH": as GeoLite2 and DB-IP write it (a map), or IPinfo (a text). */
function countryOf(record: MmdbMap): string | undefined {
  const countries = ["country", "registered_country", "represented_country"].map((name) => record.get(name));
  const codes = [
    ...countries.map((country) => (isMap(country) ? country.get("iso_code") : undefined)),
    record.get("country_code"),
    record.get("country"),
  ];
  return codes.map(textOf).find((code) => code !== undefined && /^[A-Z]{2}$/.test(code));
}

/** 13335, also of "AS13335". */
function asnOf(record: MmdbMap): number | undefined {
  const value = record.get("autonomous_system_number") ?? record.get("asn");
  if (typeof value === "number") return value;
  const digits = typeof value === "string" ? /^AS(\d{1,10})$/.exec(value)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}

/** What one record tells. */
export function geoOf(record: MmdbValue | undefined): Geo {
  if (!isMap(record)) return {};
  const country = countryOf(record);
  const asn = asnOf(record);
  const organization = textOf(record.get("autonomous_system_organization") ?? record.get("as_name"));
  return {
    ...(country !== undefined && { country }),
    ...(asn !== undefined && Number.isInteger(asn) && asn > 0 && asn <= 0xffff_ffff && { asn }),
    ...(organization !== undefined && { organization }),
  };
}

function openAll(paths: readonly string[]): Mmdb[] {
  const found: Mmdb[] = [];
  for (const path of paths) {
    let file: PagedFile | undefined;
    try {
      file = new PagedFile(path, mostPages);
      const opened = file.size < leastBytes ? "empty" : Mmdb.open(file);
      if (typeof opened !== "string") {
        found.push(opened);
        continue;
      }
    } catch {
      // Not for us to read.
    }
    file?.close();
  }
  return found;
}

function databaseFiles(where: readonly string[]): string[] {
  return where.flatMap((directory) => {
    try {
      const names = readdirSync(directory).filter((name) => name.endsWith(".mmdb"));
      return names
        .sort()
        .slice(0, mostFiles)
        .map((name) => join(directory, name));
    } catch {
      return [];
    }
  });
}

/** Two answers as one: what the first knows stands. */
const joined = (first: Geo, second: Geo): Geo => ({ ...second, ...first });

/**
 * Opens the databases in `where`, the directories that distributions and updaters use when absent. Of several that know the
 * same the first by directory and name is asked. Files are read as addresses are asked for.
 */
export function openGeoDatabases(where: readonly string[] = directories): GeoDatabases {
  const databases = openAll(databaseFiles(where));
  const answers = new Map<string, Geo | undefined>();
  const lookup = (address: string): Geo | undefined => {
    if (databases.length === 0) return undefined;
    if (answers.has(address)) return answers.get(address);
    const bytes = parseAddress(address);
    let geo: Geo = {};
    if (bytes !== undefined) for (const database of databases) geo = joined(geo, geoOf(database.find(bytes)));
    const answer = Object.keys(geo).length === 0 ? undefined : geo;
    if (answers.size >= mostAnswers) answers.clear();
    answers.set(address, answer);
    return answer;
  };
  return { lookup, types: databases.map(({ type }) => type) };
}
