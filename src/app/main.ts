/** Where the program starts: reads the command line, then becomes the broker. */
import { runBroker } from "./broker/broker.ts";

const code = await runBroker({
  args: process.argv.slice(2),
  interfaces: [],
  terminalReset: "",
  openSocketPlane: () => ({ ok: false, reason: "not there yet" }),
});
process.exit(code);
