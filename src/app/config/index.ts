export { runConfig, problemLines } from "./command.ts";
export { resolveConfiguration, type Configuration } from "./configuration.ts";
export { readDescriptor } from "./files.ts";
export { configurationLimit, stateLimit } from "./limits.ts";
export { noFile, readConfiguration, type ConfigurationFile } from "./read.ts";
export { readRemembered, writeRemembered } from "./remembered.ts";
