import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createVendorLookup, parseVendors } from "../../src/enrich/index.ts";

test("both forms of the list are read", () => {
  const ieee = parseVendors(
    "OUI/MA-L\tOrganization\n\n00-00-0C   (hex)\t\tCisco Systems, Inc\n00000C     (base 16)\t\tCisco\n",
  );
  assert.deepEqual([...ieee], [[0x00000c, "Cisco Systems, Inc"]]);
  const wireshark = parseVendors(
    "# a comment\n00:00:0C\tCisco\tCisco Systems, Inc\n00:1B:C5:00:00:00/36\tPart\tA part\n",
  );
  assert.deepEqual([...wireshark], [[0x00000c, "Cisco Systems, Inc"]]);
});

test("a card's maker is known where a list is installed, and nobody else is named", () => {
  const directory = mkdtempSync(join(tmpdir(), "socklens-vendors-"));
  try {
    const file = join(directory, "oui.txt");
    writeFileSync(file, "00-00-0C   (hex)\t\tCisco Systems, Inc\n");
    const lookup = createVendorLookup([join(directory, "missing"), file]);
    assert.equal(lookup("00:00:0c:12:34:56"), "Cisco Systems, Inc");
    assert.equal(lookup("00:00:0d:12:34:56"), undefined);
    assert.equal(lookup("02:00:0c:12:34:56"), undefined, "locally administered");
    assert.equal(lookup("nonsense"), undefined);
    assert.equal(createVendorLookup([])("00:00:0c:12:34:56"), undefined);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
