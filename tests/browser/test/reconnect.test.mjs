// A server that is killed and started again, under a page that stays open.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertNoFaults, isMarked, launch, mark, newPage, open, SERVER_AWAY, whenShown } from "../harness/browser.mjs";
import { report } from "../harness/figures.mjs";
import { Ledger } from "../harness/ledger.mjs";
import { Server } from "../harness/server.mjs";

const freshness = (page) => page.locator("#freshness").innerText();

test("a page goes on after its server was killed, and shows what happened meanwhile", async (t) => {
  const ledger = await Ledger.create(t);
  await ledger.locations(["ams,Amsterdam,NL,52.37,4.90,0"]);
  await ledger.devices(["ams-dz001,ams,hybrid,195.219.138.50,128", "ams-dz002,ams,hybrid,195.219.138.51,128"]);
  await ledger.ebb("device", "activate", "ams-dz001", "ams-dz002");
  await ledger.drain("ams-dz002", "--reason", "drains all along");
  const server = await Server.start(t, ledger);
  const browser = await launch(t);
  const fleet = await newPage(browser, server);
  const device = await newPage(browser, server);
  await open(fleet, "/");
  await open(device, "/devices/ams-dz001");
  for (const page of [fleet, device]) {
    await mark(page);
    assert.doesNotMatch(await freshness(page), /lost/i);
  }

  await server.kill();
  for (const page of [fleet, device]) await whenShown(page, "#freshness", "lost");
  assert.equal(await fleet.locator('#draining [data-device="ams-dz002"]').count(), 1, "what was read stays");

  await ledger.drain("ams-dz001", "--reason", "begun while it was away");
  await ledger.ebb("device", "undrain", "ams-dz002", "--yes");
  await server.start();
  const started = Date.now();
  const shown = await whenShown(fleet, '#draining [data-device="ams-dz001"]', "begun while it was away");
  report("from the server's return to what happened meanwhile", shown - started, "ms");
  await whenShown(device, "main", "begun while it was away");
  await fleet.waitForSelector('#draining [data-device="ams-dz002"]', { state: "detached" });
  for (const page of [fleet, device]) {
    await page.waitForFunction(() => !/lost/i.test(document.querySelector("#freshness").textContent));
    assert.ok(await isMarked(page), "the page was loaded anew");
    assertNoFaults(page, SERVER_AWAY);
  }

  await ledger.drain("ams-dz002", "--reason", "begun after it came back");
  await whenShown(fleet, '#draining [data-device="ams-dz002"]', "begun after it came back");
});
