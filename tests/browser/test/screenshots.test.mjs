// The README's pictures: EBB_UPDATE_SCREENSHOTS=1 takes them anew.

import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { launch, newPage, open, whenShown } from "../harness/browser.mjs";
import { furnish } from "../harness/fleet.mjs";
import { Ledger } from "../harness/ledger.mjs";
import { Server } from "../harness/server.mjs";

const PAUSE_MS = 3_000;
const VIEW = { viewport: { width: 1200, height: 1160 }, colorScheme: "light", reducedMotion: "reduce" };
const asked = process.env.EBB_UPDATE_SCREENSHOTS === "1";
const image = (name) => fileURLToPath(new URL(`../../../docs/images/${name}.png`, import.meta.url));

test("the README's pictures", { skip: !asked && "EBB_UPDATE_SCREENSHOTS=1 takes them" }, async (t) => {
  const ledger = await Ledger.create(t);
  // The line of a drain has what the server saw.
  const server = await Server.start(t, ledger);
  await furnish(ledger, PAUSE_MS);
  const browser = await launch(t);

  const fleet = await newPage(browser, server, VIEW);
  fleet.setDefaultTimeout(90_000);
  await open(fleet, "/");
  await whenShown(fleet, '#draining [data-device="ld4-dz01"]', "Overdue");
  await fleet.screenshot({ path: image("fleet"), animations: "disabled" });

  const device = await newPage(browser, server, VIEW);
  await open(device, "/devices/ams-dz001");
  await whenShown(device, "#freshness", "Live");
  await device.screenshot({ path: image("device"), animations: "disabled" });
});
