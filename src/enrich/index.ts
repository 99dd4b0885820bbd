export { parseServices, readServices, type ServiceLookup } from "./services.ts";
