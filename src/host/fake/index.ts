export { createFakeHost, FakeInterfaces, FakeProcesses, type FakeHost, type FakeHostOptions } from "./host.ts";
export { FakeNetwork } from "./network.ts";
export { Random } from "./random.ts";
export { createSampleSource, sampleSnapshot, type SampleSource } from "./sample-snapshot.ts";
export { sampleStart } from "./sample-processes.ts";
export { FakeSocketPlane, type FakeFlow, type FlowFields, type Traffic } from "./socket-plane.ts";
export { FakeTranslations, FakeWirePlane, type FrameFields } from "./wire-plane.ts";
