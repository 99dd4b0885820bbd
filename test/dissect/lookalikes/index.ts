import { lookalikes as data } from "./data.ts";
import { lookalikes as industrial } from "./industrial.ts";
import { lookalikes as network } from "./network.ts";
import { lookalikes as services } from "./services.ts";
import type { Lookalike } from "./lookalike.ts";

/** All lookalikes, by the file that holds them. */
export const lookalikes: Readonly<Record<string, readonly Lookalike[]>> = { data, industrial, network, services };
