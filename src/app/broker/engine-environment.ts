/**
 * What the engine is told of the environment: the terminal, language and time zone, where the runtime's parts are, and our
 * own variables. The rest may hold secrets (keys, tokens) of whoever started the program.
 */
type Environment = Readonly<Record<string, string | undefined>>;

const handedOn: ReadonlySet<string> = new Set([
  "TERM",
  "COLORTERM",
  "COLORFGBG",
  "NO_COLOR",
  "TMUX",
  "STY",
  "LANG",
  "LANGUAGE",
  "TZ",
  "LD_LIBRARY_PATH",
  "NODE_COMPILE_CACHE",
]);

export function engineEnvironment(environment: Environment): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => handedOn.has(name) || /^(?:LC|SOCKLENS)_/.test(name)),
  );
}
