import assert from "node:assert/strict";
import { test } from "node:test";

import { formatIpv4, parseCountry, parseIpv4 } from "../src/index.js";

test("IPv4 addresses", () => {
  const octets = parseIpv4("195.219.138.50");
  assert.deepEqual([...octets], [195, 219, 138, 50]);
  assert.equal(formatIpv4(octets), "195.219.138.50");
  for (const bad of [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "1.2.3.-4",
    "01.2.3.4",
    "1.2.3.x",
    "1..3.4",
  ]) {
    assert.throws(() => parseIpv4(bad), RangeError, bad);
  }
});

test("countries", () => {
  assert.deepEqual([...parseCountry("NL")], [0x4e, 0x4c]);
  for (const bad of ["", "N", "nl", "NLD", "N1", "NL\n"]) {
    assert.throws(() => parseCountry(bad), RangeError, bad);
  }
});
