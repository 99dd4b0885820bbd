export * from "./address.ts";
export * from "./application.ts";
export * from "./connection.ts";
export * from "./host.ts";
export * from "./level.ts";
export * from "./process.ts";
export * from "./snapshot.ts";
export * from "./units.ts";
