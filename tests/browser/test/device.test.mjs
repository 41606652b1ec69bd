// The page of a device hears of that device, wherever it is.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertNoFaults, isMarked, launch, mark, newPage, open, whenShown, withoutTimer } from "../harness/browser.mjs";
import { Ledger } from "../harness/ledger.mjs";
import { Server } from "../harness/server.mjs";

const CODE = "ams-dz001";

test("a device's page follows its contributor's devices at its location, and the device when it moves", async (t) => {
  const ledger = await Ledger.create(t);
  await ledger.locations(["ams,Amsterdam,NL,52.37,4.90,0", "fra,Frankfurt,DE,50.11,8.68,0"]);
  await ledger.devices([`${CODE},ams,hybrid,195.219.138.50,128`]);
  const server = await Server.start(t, ledger);
  const page = await newPage(await launch(t), server);
  await withoutTimer(page);
  const streams = [];
  page.on("request", (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname === "/api/v1/events") streams.push([searchParams.get("contributor"), searchParams.get("location")]);
  });
  await open(page, `/devices/${CODE}`);
  await mark(page);

  await ledger.ebb("device", "update", CODE, "--location", "fra");
  await whenShown(page, "#state", "fra");
  await ledger.ebb("device", "activate", CODE);
  await whenShown(page, "#state", "activated");
  assert.deepEqual(streams, [["co01", "ams"], ["co01", "fra"]]);

  await ledger.drain(CODE);
  await ledger.ebb("device", "retire", CODE, "--yes");
  await ledger.ebb("device", "remove", CODE, "--yes");
  await whenShown(page, "main", "The device was removed.");
  await ledger.devices([`${CODE},ams,hybrid,195.219.138.50,128`]);
  await whenShown(page, "#state", "pending");
  assert.ok(await isMarked(page), "the page was loaded anew");
  assertNoFaults(page);
});
