// Texts that are chosen to break a page stay texts on it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertNoFaults, ERROR_ANSWER, launch, newPage, open, overflowing } from "../harness/browser.mjs";
import { Ledger } from "../harness/ledger.mjs";
import { Server } from "../harness/server.mjs";

const NAMES = [`<script>alert(1)</script>`, `"><img src=x onerror=alert(2)>`, "عمّان מרכז", "W".repeat(32)];

const REASONS = [
  `<script>alert(3)</script><b>bold</b>`,
  `"'><svg onload=alert(4)>&amp;&lt;{{7*7}}\${7*7}`,
  `</td></table></main><h1>owned</h1>`,
  "استبدال بطاقة الخط ams-dz004",
  "W".repeat(64),
  "👷 e\u0301\u0301\u0301\u0301 ﷽ 𝕎 – “ﬁ”",
];

const TURNED = "\u202Egnp.exe\u2066\u0007\u0000";

/** Paths whose texts come from whoever made the link. */
const LINKS = [
  `/?location=${encodeURIComponent(NAMES[0])}`,
  `/?location=${encodeURIComponent(NAMES[1])}&status=${encodeURIComponent(REASONS[1])}`,
  `/?location=${encodeURIComponent(TURNED)}`,
  `/?${encodeURIComponent(REASONS[0])}=1`,
  `/devices/${encodeURIComponent(NAMES[0])}`,
  `/devices/${encodeURIComponent(TURNED)}`,
  `/devices/${"x".repeat(600)}`,
  "/?status=%ff%fe",
  "/devices/%ff",
];

test("hostile texts", async (t) => {
  const ledger = await Ledger.create(t);
  const codes = REASONS.map((_, index) => `ams-dz00${index + 1}`);
  await ledger.ebb("location", "create", "ams", "--name", "Amsterdam", "--country", "NL", "--lat", "52.37", "--lng", "4.9");
  for (const [index, name] of NAMES.entries()) {
    const place = ["--country", "NL", "--lat", "52.37", "--lng", "4.9"];
    await ledger.ebb("location", "create", `l${index}`, "--name", name, ...place);
  }
  await ledger.devices([
    ...codes.map((code, index) => `${code},ams,hybrid,195.219.138.${index},128`),
    ...NAMES.map((_, index) => `${"d".repeat(30)}-${index},l${index},hybrid,195.219.139.${index},128`),
  ]);
  await ledger.ebb("device", "activate", ...codes);
  for (const [index, code] of codes.entries()) await ledger.drain(code, "--reason", REASONS[index]);
  const server = await Server.start(t, ledger);
  const browser = await launch(t);

  await t.test("reasons and names are shown as they were written", async () => {
    const page = await newPage(browser, server);
    await open(page, "/");
    for (const [index, code] of codes.entries()) {
      const text = await page.locator(`#draining [data-device="${code}"]`).textContent();
      assert.ok(text.includes(REASONS[index]), `${code}: ${text}`);
    }
    const fleet = await page.locator("body").textContent();
    for (const name of NAMES) assert.ok(fleet.includes(name), name);
    assert.equal(await page.locator("h1", { hasText: "owned" }).count(), 0);
    await assertIsolated(page, [...REASONS, ...NAMES]);
    assertNoFaults(page);
  });

  await t.test("so they are when they come while the page is open", async () => {
    const page = await newPage(browser, server);
    await open(page, "/");
    const device = await newPage(browser, server);
    await open(device, `/devices/${codes[0]}`);
    const [first, ...rest] = REASONS;
    const turned = [...rest, first];
    for (const [index, code] of codes.entries()) await ledger.drain(code, "--update", "--reason", turned[index]);
    for (const [index, code] of codes.entries()) {
      const row = page.locator(`#draining [data-device="${code}"]`, { hasText: turned[index] });
      await row.waitFor();
    }
    await device.locator("#timeline", { hasText: turned[0] }).waitFor();
    await assertIsolated(page, REASONS);
    assert.equal(await page.locator("h1", { hasText: "owned" }).count(), 0);
    assertNoFaults(page);
    assertNoFaults(device);
  });

  await t.test("so they are on a device's own page", async () => {
    for (const code of codes) {
      const page = await newPage(browser, server);
      await open(page, `/devices/${code}`);
      const text = await page.locator("main").textContent();
      assert.ok(REASONS.some((reason) => text.includes(reason)), `${code}: ${text}`);
      await assertIsolated(page, REASONS);
      assertNoFaults(page);
      await page.context().close();
    }
  });

  await t.test("a link's text does nothing, and turns no line around", async () => {
    for (const link of LINKS) {
      const page = await newPage(browser, server);
      const response = await open(page, link);
      assert.ok(response.status() < 500, `${link}: ${response.status()}`);
      const text = await page.locator("body").textContent();
      assert.doesNotMatch(text, /[\u0000-\u0008\u000B\u000E-\u001F\u202A-\u202E\u2066-\u2069]/, link);
      assertNoFaults(page, ERROR_ANSWER);
      await page.context().close();
    }
  });

  await t.test("no text widens the page of a phone", async () => {
    const page = await newPage(browser, server, { viewport: { width: 360, height: 740 } });
    for (const path of ["/", `/devices/${codes[4]}`, `/devices/${"x".repeat(32)}`]) {
      await open(page, path);
      assert.deepEqual(await overflowing(page), [], path);
    }
  });
});

/** Fails if the letters of a text may change the order of what is beside them. */
async function assertIsolated(page, texts) {
  const mixed = await page.evaluate((texts) => {
    const isolates = (element) => {
      const { unicodeBidi, display } = getComputedStyle(element);
      return /isolate|plaintext/.test(unicodeBidi) || (display !== "inline" && display !== "contents");
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const text = texts.find((text) => node.data.includes(text));
      if (!text || node.parentElement.closest("script, option, title")) continue;
      const alone = node.parentElement.textContent.trim() === text;
      if (!alone || !isolates(node.parentElement)) found.push(node.parentElement.outerHTML.slice(0, 300));
    }
    return found;
  }, texts);
  assert.deepEqual(mixed, []);
}
