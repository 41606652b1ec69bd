// The page without JavaScript, on paper, and with nothing on it that changes anything.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertNoFaults, launch, newPage, open } from "../harness/browser.mjs";
import { furnish } from "../harness/fleet.mjs";
import { Ledger } from "../harness/ledger.mjs";
import { Server } from "../harness/server.mjs";

const PAGES = ["/", "/devices/ams-dz001", "/devices/nobody"];

test("a page that only shows", async (t) => {
  const ledger = await Ledger.create(t);
  await furnish(ledger);
  const server = await Server.start(t, ledger);
  const browser = await launch(t);

  await t.test("without JavaScript all of it is there, and the filters work", async () => {
    const page = await newPage(browser, server, { javaScriptEnabled: false });
    await open(page, "/");
    const draining = await page.locator("#draining").innerText();
    for (const text of ["ams-dz001", "5 of 12", "replace line card", "fra-dz002", "kernel upgrade", "ld4-dz01"]) {
      assert.ok(draining.includes(text), `${text} in ${draining}`);
    }
    assert.equal(await page.locator('#fleet [data-device], #draining [data-device]').count(), 15);
    assert.ok((await page.locator("body").innerText()).includes("Amsterdam"));

    await page.locator("form summary").click();
    await page.locator('form [name="location"]').fill("fra");
    await page.locator('form [type="submit"]').first().click();
    assert.equal(new URL(page.url()).searchParams.get("location"), "fra");
    assert.equal(await page.locator('[data-device="fra-dz002"]').count(), 1);
    assert.equal(await page.locator('[data-device^="ams-"]').count(), 0);

    await page.locator('[data-device="fra-dz002"] a').first().click();
    assert.match(page.url(), /\/devices\/fra-dz002$/);
    const device = await page.locator("main").innerText();
    for (const text of ["kernel upgrade", "0 of 6", `ebb -u ${ledger.where[1]} device undrain fra-dz002`]) {
      assert.ok(device.includes(text), `${text} in ${device}`);
    }
    assert.match(await page.locator("#timeline").innerText(), /kernel upgrade/);
    assertNoFaults(page);
  });

  await t.test("on paper there is what was read, and nothing to press", async () => {
    const page = await newPage(browser, server, { colorScheme: "dark" });
    for (const [path, texts] of [["/", ["ams-dz001", "replace line card"]], ["/devices/ams-dz001", ["replace line card"]]]) {
      await open(page, path);
      await page.emulateMedia({ media: "print" });
      assert.equal(await page.locator("form:visible, button:visible").count(), 0, path);
      const text = await page.locator("main").innerText();
      for (const part of texts) assert.ok(text.includes(part), `${part} on ${path}`);
      const ink = await page.evaluate(() => getComputedStyle(document.body).color.match(/[\d.]+/g).map(Number));
      assert.ok(Math.max(...ink.slice(0, 3)) < 100, `${path} is printed in ${ink}`);
      const pdf = await page.pdf({ format: "A4" });
      assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
      await page.emulateMedia({ media: "screen" });
    }
    assertNoFaults(page);
  });

  await t.test("the policy allows the server's own files alone, and the browser keeps to it", async () => {
    for (const path of PAGES) {
      const page = await newPage(browser, server);
      const response = await open(page, path);
      const policy = response.headers()["content-security-policy"] ?? "";
      assert.match(policy, /default-src '(none|self)'/, path);
      assert.doesNotMatch(policy, /unsafe|data:.*script|https?:|\*/, path);
      assert.match(policy, /frame-ancestors 'none'/, path);
      assert.match(policy, /form-action '(self|none)'/, path);
      assert.match(policy, /base-uri '(self|none)'/, path);
      assert.deepEqual(await page.evaluate(tryInlineCode), { script: false, handler: false, style: false }, path);
      assert.equal(page.faults.filter((fault) => /Content Security Policy/.test(fault)).length > 0, true, "the refusals were seen");
      await page.context().close();
    }
  });

  await t.test("nothing on it changes anything", async () => {
    const before = await server.get("/api/v1/devices");
    for (const path of PAGES.slice(0, 2)) {
      const page = await newPage(browser, server);
      await open(page, path);
      assert.equal(await page.locator('form:not([method="get" i]):is([method])').count(), 0, path);
      const controls = await page.locator("button:visible, summary:visible").all();
      for (const control of controls) await control.click();
      assertNoFaults(page);
      await page.context().close();
    }
    const after = await server.get("/api/v1/devices");
    assert.deepEqual(after.devices, before.devices);
  });

  await t.test("what is no page is answered in words", async () => {
    const page = await newPage(browser, server);
    const response = await open(page, "/devices/nobody");
    assert.equal(response.status(), 404);
    assert.match(response.headers()["content-type"], /^text\/html/);
    assert.match(await page.locator("main").innerText(), /nobody/);
    await page.locator('a[href="/"]').first().click();
    assert.equal(new URL(page.url()).pathname, "/");
  });
});

/** Tries what a text that got into the page as code would do. */
function tryInlineCode() {
  const script = document.createElement("script");
  script.textContent = "window.ebbScript = true";
  const button = document.createElement("button");
  button.setAttribute("onclick", "window.ebbHandler = true");
  const style = document.createElement("style");
  style.textContent = "body { outline-width: 7px !important }";
  document.body.append(script, button, style);
  button.click();
  return {
    script: window.ebbScript === true,
    handler: window.ebbHandler === true,
    style: getComputedStyle(document.body).outlineWidth === "7px",
  };
}
