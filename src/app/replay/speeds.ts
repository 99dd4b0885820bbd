/** How fast capture files are played, in file seconds a second; Infinity: as fast as it goes. */
export const speeds: readonly number[] = [0.1, 0.25, 0.5, 1, 2, 5, 10, 50, 100, Infinity];
