/** The terminal interface: our own cell-buffer renderer and the screens drawn with it. */
export { createScreen } from "./screen.ts";
export type { Screen, ScreenOptions, ScreenParts } from "./screen-options.ts";
export type { Playback, PlaybackState, RateCells, SeekTarget } from "./playback.ts";
export type { ScreenStatistics } from "./screen-output.ts";
export type { ExportContent, ExportFormat, ExportRequest, ExportResult, ScreenEngine } from "./screen-engine.ts";
export {
  detectColors,
  detectUnicode,
  terminalReset,
  keyboardSetup,
  terminalQueries,
  terminalSetup,
  type ColorEnvironment,
  type TerminalListener,
  type TerminalPort,
} from "./terminal.ts";
export { openProcessTerminal, type ProcessTerminalOptions } from "./process-terminal.ts";
export type { ColorDepth } from "./style.ts";
export { InputParser, type InputEvent, type KeyEvent, type MouseEvent, type PasteEvent } from "./input-parser.ts";
export { keyLabel, keyTable, type Binding, type Command } from "./keys.ts";
export { detectLanguage, findLanguage, languages, type Language } from "./language.ts";
export { type MessageKey, type Messages } from "./messages.ts";
export { findTheme, themes } from "./themes.ts";
export { parseTheme, type ParsedTheme, type ThemeProblem } from "./theme-parse.ts";
export { type Theme } from "./theme.ts";
export { columnIdOf, columnIds, columnNameOf, columnNames, type ColumnChoice } from "./column-settings.ts";
export { orderedTables, type ColumnOrders } from "./column-order.ts";
export type { ColumnId } from "./columns.ts";
export { groupings } from "./grouping.ts";
export type { Remembered, ScreenSettings } from "./screen-settings.ts";
