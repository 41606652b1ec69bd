// The page for people who do not see it, do not point at it, or have it on a phone.

import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { violations } from "../harness/axe.mjs";
import { assertNoFaults, ERROR_ANSWER, launch, newPage, open, overflowing, SERVER_AWAY, whenShown } from "../harness/browser.mjs";
import { furnish } from "../harness/fleet.mjs";
import { tabTo, walk } from "../harness/keyboard.mjs";
import { Ledger } from "../harness/ledger.mjs";
import { Server } from "../harness/server.mjs";

const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 900 };
const PAGES = [
  ...["/", "/?status=retired", "/?location=ams&status=draining", "/devices/ams-dz001", "/devices/tyo-dz001"],
  ...["/devices/ams-dz009", "/devices/nobody", "/?status=no-such-status"],
];

test("the page is for everyone", async (t) => {
  const ledger = await Ledger.create(t);
  await furnish(ledger);
  await ledger.devices(["ams-dz009,ams,hybrid,195.219.138.59,128"]);
  for (const verb of ["retire", "remove"]) await ledger.ebb("device", verb, "ams-dz009", "--yes");
  const server = await Server.start(t, ledger);
  const browser = await launch(t);
  const pages = [...PAGES, `/devices/ams-dz001?before=${await cursorOf(server, "ams-dz001")}`];

  for (const colorScheme of ["light", "dark"]) {
    for (const [where, viewport] of [["a desk", DESK], ["a phone", PHONE]]) {
      await t.test(`axe finds nothing, ${colorScheme}, on ${where}`, async () => {
        const page = await newPage(browser, server, { colorScheme, viewport, reducedMotion: "reduce" });
        for (const path of pages) {
          const response = await open(page, path);
          assert.equal(response.status(), { "/devices/nobody": 404, "/?status=no-such-status": 400 }[path] ?? 200, path);
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

  await t.test("a card's commands stay open while the page is read again, and are copied", async () => {
    const page = await newPage(browser, server, { permissions: ["clipboard-read", "clipboard-write"] });
    await open(page, "/");
    const card = page.locator('#draining [data-device="fra-dz002"]');
    await card.locator("summary").click();
    await ledger.drain("fra-dz002", "--update", "--reason", "firmware too");
    await card.getByText("firmware too").waitFor();
    await card.locator("button", { hasText: "Copy" }).first().click();
    await page.waitForFunction(async () => (await navigator.clipboard.readText()) !== "");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, `ebb -u ${ledger.where[1]} device undrain fra-dz002`);
    assertNoFaults(page);
  });

  await t.test("a card that is overdue no more keeps its open commands, the focus and what is selected", async () => {
    const page = await newPage(browser, server);
    page.setDefaultTimeout(90_000);
    await open(page, "/");
    const card = page.locator('#draining [data-device="ld4-dz01"]');
    await card.locator("p.overdue").waitFor();
    await card.locator("summary").click();
    await card.getByRole("button", { name: "out of service for good" }).focus();
    await card.locator("bdi", { hasText: "power feed B" }).evaluate((reason) => getSelection().selectAllChildren(reason));
    await page.evaluate(() => { window.ebbFocused = document.activeElement; });
    await ledger.drain("ld4-dz01", "--update", "--deadline", "2h");
    await card.locator("p.overdue").waitFor({ state: "detached" });
    assert.ok(await card.locator("details").evaluate((details) => details.open), "the commands are open");
    assert.ok(await page.evaluate(() => document.activeElement === window.ebbFocused), "the same button has the focus");
    assert.equal(await page.evaluate(() => getSelection().toString()), "power feed B is moved");
    // The commands of others that came and went have not changed what this one copies.
    const focused = await page.evaluate(() => window.ebbFocused.closest("li").querySelector("code").textContent);
    assert.match(focused, /device retire ld4-dz01$/);
    assertNoFaults(page);
  });

  const withoutClipboard = () => Object.defineProperty(navigator, "clipboard", { value: undefined });
  const withoutCopying = () => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
    document.execCommand = () => false;
  };
  for (const [where, prepare, said] of [
    ["with a clipboard", () => {}, "Copied"],
    ["without one, as over plain HTTP", withoutClipboard, "Copied"],
    ["where the selection cannot be copied either", withoutCopying, "Selected: now copy it"],
  ]) {
    await t.test(`Copy says on a phone, beside its button, what it did, ${where}`, async () => {
      const page = await newPage(browser, server, { viewport: PHONE, permissions: ["clipboard-read", "clipboard-write"] });
      await page.addInitScript(prepare);
      await open(page, "/devices/ams-dz001");
      const items = page.locator("#commands li");
      const last = items.last();
      const [button, status] = [last.getByRole("button"), last.getByRole("status")];
      await status.evaluate(recordText);
      await button.click();
      await status.getByText(said, { exact: true }).waitFor();
      const [above, below] = [await button.boundingBox(), await status.boundingBox()];
      assert.ok(Math.abs(below.y - (above.y + above.height)) < 16, "it stands below the button");
      assert.ok(below.y >= 0 && below.y + below.height <= PHONE.height, "it is on the screen");
      assert.deepEqual(await overflowing(page), []);
      const command = await last.locator("code").textContent();
      if (said === "Copied") assert.equal(await pasted(page), command);
      else assert.equal(await page.evaluate(() => getSelection().toString()), command);
      // The same again is announced again, and no other button keeps what it said.
      await button.click();
      await page.waitForFunction(() => window.ebbTexts.length === 3);
      assert.deepEqual(await page.evaluate(() => window.ebbTexts), [said, "", said]);
      await items.first().getByRole("button").click();
      await items.first().getByText(said, { exact: true }).waitFor();
      assert.equal(await status.textContent(), "");
      assertNoFaults(page);
    });
  }

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

  await t.test("a page that is stale, and one whose connection is lost", async (t) => {
    const server = await Server.start(t, ledger, "--max-lag", "1s");
    const page = await newPage(browser, server, { reducedMotion: "reduce" });
    await open(page, "/devices/ams-dz001");
    // What is not there cannot be read, and what was read is served.
    await rename(join(ledger.folder, "ledger"), join(ledger.folder, "moved"));
    for (const [state, begin] of [["Stale", () => {}], ["lost", () => server.kill()]]) {
      await begin();
      await whenShown(page, "#freshness [role=status]", state);
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await violations(page), [], `${state}, ${colorScheme}`);
      }
    }
    assert.doesNotMatch(await page.locator("#freshness [role=status]").innerText(), /\d+ s/, "no number is announced");
    assertNoFaults(page, SERVER_AWAY);
  });
});

/** The place of an event of a device that has older ones before it, once the history has it. */
async function cursorOf(server, code) {
  for (;;) {
    const response = await fetch(new URL(`/api/v1/devices/${code}/history?limit=5`, server.url));
    const cursor = response.headers.get("link")?.match(/after=([^&>]+)/);
    if (cursor) return cursor[1];
  }
}

/** Writes down each text that an element comes to have. */
function recordText(element) {
  window.ebbTexts = [];
  new MutationObserver(() => window.ebbTexts.push(element.textContent)).observe(element, { childList: true });
}

/** What a paste brings, whoever may read the clipboard. */
async function pasted(page) {
  await page.evaluate(() => document.body.append(document.createElement("textarea")));
  await page.locator("textarea").focus();
  await page.keyboard.press("Control+V");
  const text = await page.locator("textarea").inputValue();
  await page.locator("textarea").evaluate((area) => area.remove());
  return text;
}

function lightnessOfBackground() {
  const filled = [document.body, document.documentElement]
    .map((element) => getComputedStyle(element).backgroundColor)
    .find((color) => color !== "rgba(0, 0, 0, 0)");
  const [red, green, blue] = filled.match(/[\d.]+/g).map(Number);
  return (red + green + blue) / 3;
}
