export { runConfig, problemLines, type ConfigAction } from "./command.ts";
export { resolveConfiguration, type Configuration, type OptionValues } from "./configuration.ts";
export { configurationPath, openUserFile, readDescriptor, statePath, stateLimit, writeState } from "./files.ts";
export { configurationLimit, noFile, readConfiguration, type ConfigurationFile } from "./read.ts";
export { readRemembered, writeRemembered } from "./remembered.ts";
