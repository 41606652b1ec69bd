// The page for people who do not see it, do not point at it, or have it on a phone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { violations } from "../harness/axe.mjs";
import { assertNoFaults, ERROR_ANSWER, launch, newPage, open, overflowing } from "../harness/browser.mjs";
import { furnish } from "../harness/fleet.mjs";
import { tabTo, walk } from "../harness/keyboard.mjs";
import { Ledger } from "../harness/ledger.mjs";
import { Server } from "../harness/server.mjs";

const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 900 };
const PAGES = ["/", "/?status=retired", "/?location=ams&status=draining", "/devices/ams-dz001", "/devices/tyo-dz001", "/devices/nobody", "/?status=no-such-status"];

test("the page is for everyone", async (t) => {
  const ledger = await Ledger.create(t);
  await furnish(ledger);
  const server = await Server.start(t, ledger);
  const browser = await launch(t);

  for (const colorScheme of ["light", "dark"]) {
    for (const [where, viewport] of [["a desk", DESK], ["a phone", PHONE]]) {
      await t.test(`axe finds nothing, ${colorScheme}, on ${where}`, async () => {
        const page = await newPage(browser, server, { colorScheme, viewport, reducedMotion: "reduce" });
        for (const path of PAGES) {
          await open(page, path);
          assert.deepEqual(await violations(page), [], path);
          assert.deepEqual(await overflowing(page), [], `${path} can be moved sideways`);
        }
        assertNoFaults(page, ERROR_ANSWER);
        await page.context().close();
      });
    }
  }

  await t.test("dark and light are what the reader's system has", async () => {
    const lightness = {};
    for (const colorScheme of ["light", "dark"]) {
      const page = await newPage(browser, server, { colorScheme });
      await open(page, "/");
      lightness[colorScheme] = await page.evaluate(lightnessOfBackground);
      await page.context().close();
    }
    assert.ok(lightness.light > 200, JSON.stringify(lightness));
    assert.ok(lightness.dark < 60, JSON.stringify(lightness));
  });

  for (const path of ["/?location=ams", "/devices/ams-dz001"]) {
    await t.test(`Tab reaches all that can be used on ${path}, and shows where it is`, async () => {
      const page = await newPage(browser, server, { viewport: DESK });
      await open(page, path);
      const { controls, stops } = await walk(page);
      assert.ok(controls.length > 3, "there is something to use");
      const missed = controls.filter((_, number) => !stops.some((stop) => stop.number === number));
      assert.deepEqual(missed, []);
      assert.deepEqual(stops.map((stop) => stop.number), controls.map((_, number) => number), "in the order of the text");
      const unmarked = stops.filter((stop) => !stop.marked).map((stop) => controls[stop.number]);
      assert.deepEqual(unmarked, [], "the focus can be seen");
      const covered = stops.filter((stop) => !stop.uncovered).map((stop) => controls[stop.number]);
      assert.deepEqual(covered, [], "nothing hides what has the focus");
    });
  }

  await t.test("the filters are used with the keyboard alone", async () => {
    const page = await newPage(browser, server);
    await open(page, "/");
    await tabTo(page, "form summary");
    await page.keyboard.press("Enter");
    await tabTo(page, 'form [name="status"][value="draining"]');
    await page.keyboard.press("Space");
    await tabTo(page, 'form [name="location"]');
    await page.keyboard.type("ams");
    await tabTo(page, 'form [type="submit"]');
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("location") === "ams" && url.searchParams.get("status") === "draining");
    assert.equal(await page.locator('#draining [data-device="ams-dz001"]').count(), 1);
    assert.equal(await page.locator('[data-device="ams-dz002"]').count(), 0, "it is activated");
    assert.equal(await page.locator('[data-device^="fra-"]').count(), 0);
    assertNoFaults(page);
  });

  await t.test("a command is copied with the keyboard alone", async () => {
    const page = await newPage(browser, server, { permissions: ["clipboard-read", "clipboard-write"] });
    await open(page, "/devices/ams-dz001");
    const buttons = page.locator("#commands button");
    assert.ok((await buttons.count()) > 0, "there are commands to copy");
    await buttons.first().focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(async () => (await navigator.clipboard.readText()) !== "");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^ebb -u embedded:\S+ device \S+ ams-dz001/);
    assert.ok((await page.locator("#commands").textContent()).includes(copied), copied);
    assertNoFaults(page);
  });
});

function lightnessOfBackground() {
  const filled = [document.body, document.documentElement]
    .map((element) => getComputedStyle(element).backgroundColor)
    .find((color) => color !== "rgba(0, 0, 0, 0)");
  const [red, green, blue] = filled.match(/[\d.]+/g).map(Number);
  return (red + green + blue) / 3;
}
