export { createFlowEngine, type FlowEngine, type FlowEngineOptions } from "./engine.ts";
export type { Admission, AdmissionFacts, ServiceLookup } from "./engine-parts.ts";
export type { PortHint } from "./inspection.ts";
export { criticalShare, staleShare, timeouts } from "./timeouts.ts";
