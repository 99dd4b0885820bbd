export { parseServices, readServices, type ServiceLookup } from "./services.ts";
export { familyOf } from "./families.ts";
