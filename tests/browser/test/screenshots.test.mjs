// The README's pictures, and beside each what the page says on it: EBB_UPDATE_SCREENSHOTS=1 takes both anew.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { launch, newPage, open, whenShown } from "../harness/browser.mjs";
import { furnish } from "../harness/fleet.mjs";
import { Ledger } from "../harness/ledger.mjs";
import { Server } from "../harness/server.mjs";
import { committed, textOf } from "../harness/text.mjs";

const isUpdate = process.env.EBB_UPDATE_SCREENSHOTS === "1";
/** Between two who leave, so that a drain's line has steps; its text has none. */
const PAUSE_MS = isUpdate ? 3_000 : 0;
const VIEW = { viewport: { width: 1200, height: 1160 }, colorScheme: "light", reducedMotion: "reduce" };
const beside = (name) => fileURLToPath(new URL(`../../../docs/images/${name}`, import.meta.url));

test("the README's pictures are of the page as it is", async (t) => {
  const ledger = await Ledger.create(t);
  // The line of a drain has what the server saw.
  const server = await Server.start(t, ledger);
  await furnish(ledger, PAUSE_MS);
  const browser = await launch(t);

  const fleet = await newPage(browser, server, VIEW);
  fleet.setDefaultTimeout(90_000);
  await open(fleet, "/");
  await whenShown(fleet, '#draining [data-device="ld4-dz01"]', "Overdue");
  await compare(fleet, "fleet");

  const device = await newPage(browser, server, VIEW);
  await open(device, "/devices/ams-dz001");
  await whenShown(device, "#timeline", "device created");
  await compare(device, "device");
});

/** Compares what a page says with what it said when its picture was taken. */
async function compare(page, name) {
  await whenShown(page, "#freshness", "Live");
  const text = await textOf(page);
  if (isUpdate) await page.screenshot({ path: beside(`${name}.png`), animations: "disabled" });
  const expected = await committed(beside(`${name}.txt`), text, isUpdate);
  assert.equal(text, expected, "the picture is stale: EBB_UPDATE_SCREENSHOTS=1 scripts/check-page takes it anew");
}
