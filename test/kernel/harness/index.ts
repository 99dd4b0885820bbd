export { asClient, asServer, expectMoved, isWithin, moved, onPort, tolerance, type Expectation } from "./compare.ts";
export { Counters, type Count, type Tuple } from "./counters.ts";
export { describeFlow, executable, Monitor, type FlowRecord, type MonitorOptions } from "./monitor.ts";
export { createPair, Namespace, Network, withoutOffload, type Pair } from "./network.ts";
export { program } from "./programs.ts";
export { findProgram, hasProtocol, missing, packages } from "./requirements.ts";
export { attempt, run, until } from "./run.ts";
export { Task } from "./task.ts";
