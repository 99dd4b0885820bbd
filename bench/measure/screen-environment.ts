/** The environment of a screen that is measured: nothing below /dev/null can be, so no configuration changes the figures, and nothing is left behind. */
export const screenEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  TERM: "xterm-256color",
  COLORTERM: "truecolor",
  LC_ALL: "C.UTF-8",
  XDG_CONFIG_HOME: "/dev/null",
  XDG_STATE_HOME: "/dev/null",
};
