export { parseServices, readServices, type ServiceLookup } from "./services.ts";
export { familyOf } from "./families.ts";
export { createVendorLookup, parseVendors } from "./vendors.ts";
