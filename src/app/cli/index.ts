export type {
  Command,
  OutputFormat,
  OutputOptions,
  RecordingOptions,
  ReplayedFiles,
  ScreenOptions,
  SourceOptions,
  UsageError,
} from "./command.ts";
export { type CommandLine, type CommandLineContext, parseCommandLine, usageErrorText } from "./parse.ts";
