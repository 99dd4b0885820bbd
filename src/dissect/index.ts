export { createInspectorFactory, inspectorLimits } from "./flow-inspector.ts";
export type { FlowInspector, InspectorEnvironment, InspectorFactory, CreateInspectorFactory } from "./inspector.ts";
export type { Protocol } from "./protocol.ts";
export { StreamReassembly, streamLimits } from "./reassembly.ts";
export type { StreamAnomalies } from "./reassembly.ts";
export { portHint, protocols, protocolsFor } from "./registry.ts";
export type {
  Cryptography,
  DissectContext,
  FlowMemory,
  Identification,
  Likeness,
  NameObservation,
  Verdict,
} from "./verdict.ts";
