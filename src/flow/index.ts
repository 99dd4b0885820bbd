export { clockJump, createFlowEngine, type FlowEngine, type FlowEngineOptions } from "./engine.ts";
export type { Admission, AdmissionFacts, ServiceLookup } from "./engine-parts.ts";
export type { PortHint } from "./inspection.ts";
export { standardShares, timeouts, type Shares } from "./timeouts.ts";
