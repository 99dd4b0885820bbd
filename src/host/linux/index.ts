export { haveLibpcap } from "./capture-filter.ts";
export { createLinuxHost, type LinuxHostParts } from "./host.ts";
export { missingForFull } from "./level.ts";
