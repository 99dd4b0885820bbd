export { Account, rate, type Cost, type Rate } from "./cost.ts";
export { buildPeers, peers, sleeper, socklens, type Candidate } from "./monitors.ts";
export { cell, field, median, printMachine, printTable, printTarget } from "./report.ts";
export { readProfile, type Shares } from "./profile.ts";
export { screenEnvironment } from "./screen-environment.ts";
