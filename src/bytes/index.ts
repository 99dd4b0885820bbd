export * from "./checksum.ts";
export * from "./reader.ts";
export * from "./search.ts";
export * from "./text.ts";
