export { parseServices, readServices, type ServiceLookup } from "./services.ts";
export { openGeoDatabases, type GeoDatabases } from "./geoip.ts";
export { familyOf } from "./families.ts";
export { createVendorLookup, parseVendors } from "./vendors.ts";
