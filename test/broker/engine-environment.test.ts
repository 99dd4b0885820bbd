import assert from "node:assert/strict";
import { test } from "node:test";
import { engineEnvironment } from "../../src/app/broker/engine-environment.ts";

test("the engine is told of the terminal, the language and our own variables, and of nothing else", () => {
  const told = {
    TERM: "xterm",
    LANG: "de_DE.UTF-8",
    LC_ALL: "C",
    TZ: "Asia/Tokyo",
    SOCKLENS_THEME: "nord",
    NO_COLOR: "",
  };
  const others = {
    AWS_SECRET_ACCESS_KEY: "s",
    NODE_OPTIONS: "--inspect",
    LD_PRELOAD: "x.so",
    HOME: "/root",
    PATH: "/bin",
  };
  assert.deepEqual(engineEnvironment({ ...others, ...told }), told);
});
