// The README's pictures: EBB_UPDATE_SCREENSHOTS=1 takes them anew.

import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { launch, newPage, open, whenShown } from "../harness/browser.mjs";
import { furnish } from "../harness/fleet.mjs";
import { Ledger } from "../harness/ledger.mjs";
import { Server } from "../harness/server.mjs";

const asked = process.env.EBB_UPDATE_SCREENSHOTS === "1";
const image = (name) => fileURLToPath(new URL(`../../../docs/images/${name}.png`, import.meta.url));

test("the README's pictures", { skip: !asked && "EBB_UPDATE_SCREENSHOTS=1 takes them" }, async (t) => {
  const ledger = await Ledger.create(t);
  const users = await furnish(ledger);
  const server = await Server.start(t, ledger);
  const browser = await launch(t);
  const options = { viewport: { width: 1200, height: 900 }, colorScheme: "light", reducedMotion: "reduce" };

  const fleet = await newPage(browser, server, options);
  await open(fleet, "/");
  fleet.setDefaultTimeout(90_000);
  await whenShown(fleet, '#draining [data-device="ld4-dz01"]', "Overdue");
  for (const user of users["ams-dz001"].splice(0, 2)) {
    await sleep(2_000);
    await ledger.closeSessions("ams-dz001", [user]);
  }
  await whenShown(fleet, '#draining [data-device="ams-dz001"]', "3 of 12");
  await fleet.screenshot({ path: image("fleet"), animations: "disabled" });

  const device = await newPage(browser, server, options);
  await open(device, "/devices/ams-dz001");
  await device.screenshot({ path: image("device"), animations: "disabled" });
});
