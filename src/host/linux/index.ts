export { createLinuxHost, type LinuxHostParts } from "./host.ts";
