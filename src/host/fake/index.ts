export { createFakeHost, FakeInterfaces, FakeProcesses, type FakeHost, type FakeHostOptions } from "./host.ts";
export { FakeNetwork } from "./network.ts";
export { Random } from "./random.ts";
export { createSampleSource, sampleSnapshot, type SampleSource } from "./sample-snapshot.ts";
export { FakeSocketPlane, type FakeFlow, type FlowFields, type Traffic } from "./socket-plane.ts";
export { type FrameFields } from "./wire-plane.ts";
