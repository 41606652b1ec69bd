// The page of a server that reads a cluster: the delay has the cluster's confirmation in it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertNoFaults, isMarked, launch, mark, newPage, open, whenShown } from "../harness/browser.mjs";
import { report } from "../harness/figures.mjs";
import { Server } from "../harness/server.mjs";
import { onValidator, VALIDATOR } from "../harness/validator.mjs";

const AT_MOST_MS = 10_000;
const RUNS = Number(process.env.EBB_LIVE_RUNS ?? 3);

test("a drain on a validator is on an open page at once", { skip: !VALIDATOR && "EBB_TEST_VALIDATOR names none" }, async (t) => {
  const ledger = await onValidator(t);
  await ledger.locations(["ams,Amsterdam,NL,52.37,4.90,0"]);
  await ledger.devices(["ams-dz001,ams,hybrid,195.219.138.50,128"]);
  await ledger.ebb("device", "activate", "ams-dz001");
  const server = await Server.start(t, ledger);
  const page = await newPage(await launch(t), server);
  page.setDefaultTimeout(90_000);
  await open(page, "/");
  await mark(page);
  const row = '#draining [data-device="ams-dz001"]';
  const times = [];
  for (let run = 0; run < RUNS; run += 1) {
    const shown = whenShown(page, row, "replace line card");
    const ended = await ledger.drain("ams-dz001", "--reason", "replace line card");
    times.push((await shown) - ended);
    await ledger.ebb("device", "undrain", "ams-dz001", "--yes");
    await page.waitForSelector(row, { state: "detached" });
  }
  report("validator: from the end of `ebb device drain` to the row on the page", times, "ms");
  assert.ok(Math.max(...times) <= AT_MOST_MS, `${times} ms`);
  assert.ok(await isMarked(page), "the page was loaded anew");
  assertNoFaults(page);
});
