/** The dialogs of the screen, made of what it knows. */
import { bindingText } from "./binding-text.ts";
import { ConfirmDialog } from "./dialogs/confirm-dialog.ts";
import { ExportDialog } from "./dialogs/export-dialog.ts";
import { ListDialog } from "./dialogs/list-dialog.ts";
import { Palette, type PaletteEntry } from "./dialogs/palette.ts";
import { bindingsOf, keyLabel, type Binding, type Command, type Context } from "./keys.ts";
import type { Language } from "./language.ts";
import { fill, type Messages } from "./messages.ts";
import type { Overlay } from "./overlay.ts";
import type { ExportContent, ScreenEngine } from "./screen-engine.ts";
import type { TabHost } from "./tab-screen.ts";
import type { Theme } from "./theme.ts";

/** Commands that make no sense in a list one moves through. */
const moves: ReadonlySet<Command> = new Set(["up", "down", "pageUp", "pageDown", "halfUp", "halfDown", "palette"]);

export interface PaletteParts {
  readonly host: TabHost;
  /** The terminal shows ASCII only. */
  readonly ascii: boolean;
  readonly context: Context;
  readonly bindings: readonly Binding[];
  readonly themes: readonly Theme[];
  readonly setTheme: (theme: Theme) => void;
  readonly languages: readonly Language[];
  readonly setLanguage: (language: Language) => void;
  readonly filters: readonly string[];
}

/** All commands that hold here, all themes and the filters of before. */
export function paletteOf(parts: PaletteParts): Overlay {
  const { host, context, bindings, themes, setTheme, filters } = parts;
  const { messages } = host;
  const entries: PaletteEntry[] = bindingsOf(context, bindings)
    .filter(({ command }) => !moves.has(command))
    .map((binding) => ({
      label: bindingText(binding, messages),
      detail: binding.keys.map((key) => keyLabel(key, parts.ascii)).join(" "),
      run: () => host.run(binding.command),
    }));
  for (const filter of filters) {
    entries.push({ label: `/ ${filter}`, detail: messages.filter, run: () => host.showOnly(filter) });
  }
  for (const theme of themes) {
    const label = fill(messages.themeIs, { name: theme.name });
    entries.push({ label, detail: messages.paletteTheme, run: () => setTheme(theme) });
  }
  for (const language of parts.languages) {
    const label = fill(messages.languageIs, { name: language.name });
    entries.push({ label, detail: messages.paletteLanguage, run: () => parts.setLanguage(language) });
  }
  return new Palette(messages.paletteTitle, messages.paletteNothing, entries);
}

/** All themes; each is shown while the bar is on it. */
export function themePicker(
  title: string,
  themes: readonly Theme[],
  current: Theme,
  setTheme: (theme: Theme) => void,
): Overlay {
  const at = themes.findIndex((one) => one.name === current.name);
  const set = (index: number): void => setTheme(themes[index] ?? current);
  return new ListDialog({
    title,
    items: themes.map((theme, index) => ({ label: theme.name, marked: index === at })),
    selected: at,
    choose: set,
    preview: set,
    cancel: () => setTheme(current),
  });
}

/** The question before something that cannot be taken back; the key that asked it also answers it. */
export function confirmation(
  command: "quit" | "clear",
  bindings: readonly Binding[],
  messages: Messages,
  confirm: () => void,
): Overlay {
  const again = bindings.filter((one) => one.command === command).flatMap((one) => one.keys);
  const question = command === "quit" ? messages.confirmQuit : messages.confirmClear;
  return new ConfirmDialog({ title: "Socklens", question, again: [...again, "y"], confirm });
}

/** "socklens-20260301-120000": what an export is called at first. */
function exportName(time: number): string {
  const digits = new Date(time).toISOString().replace(/[^\dT]/g, "");
  return `~/socklens-${digits.slice(0, 8)}-${digits.slice(9, 15)}`;
}

/** The dialog that writes `content` to a file; undefined when nobody can or there is nothing to write. */
export function exportDialog(
  host: TabHost,
  engine: ScreenEngine,
  content: ExportContent | undefined,
  redraw: () => void,
): Overlay | undefined {
  const { messages, snapshot } = host;
  const write = engine.export?.bind(engine);
  if (write === undefined || content === undefined || snapshot === undefined) return undefined;
  return new ExportDialog({
    messages,
    name: exportName(snapshot.time),
    write: (request) => write({ ...request, content, snapshot }),
    show: (overlay) => host.show(overlay),
    say: (text) => host.say(text),
    redraw,
  });
}
