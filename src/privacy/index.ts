/** Hides addresses, names and users on screens and in exports, the same way everywhere. */
export { Aliases } from "./aliases.ts";
export { Privacy } from "./privacy.ts";
export { scrubAddresses } from "./scrub.ts";
