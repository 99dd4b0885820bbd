/** Writes docs/man/socklens.1 from the tables of the command line. */
import { writeFileSync } from "node:fs";
import { manPage } from "../src/app/cli/man-page.ts";

writeFileSync(new URL("../docs/man/socklens.1", import.meta.url), manPage());
