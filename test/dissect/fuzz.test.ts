import { test } from "node:test";
import { fuzzProtocol } from "../../fuzz/dissect.ts";
import { protocols } from "../../src/dissect/index.ts";

for (const protocol of protocols) {
  test(`${protocol.name} over ${protocol.transport} stands 1,500 mutated inputs`, () => {
    fuzzProtocol(protocol, 1500, 7);
  });
}
