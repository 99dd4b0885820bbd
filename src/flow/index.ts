export { aggregate, groupKey, type Group, type GroupBy } from "./aggregate.ts";
export { createFlowEngine, type FlowEngine, type FlowEngineOptions } from "./engine.ts";
export type { Admission, AdmissionFacts, ServiceLookup } from "./engine-parts.ts";
export type { PortHint } from "./inspection.ts";
export { sortKeys, type SortColumn, type SortKey } from "./sort-key.ts";
export { criticalShare, staleShare, timeouts } from "./timeouts.ts";
export { createView, type View, type ViewOptions } from "./view.ts";
