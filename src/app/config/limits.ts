/** Longest configuration file and longest state that are read, in bytes. */
export const configurationLimit = 65_536;
export const stateLimit = 16_384;
