// A fleet of 10,000 devices: what a browser has to bear for it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertNoFaults, isMarked, launch, mark, newPage, open, whenShown, withoutTimer } from "../harness/browser.mjs";
import { report } from "../harness/figures.mjs";
import { Ledger } from "../harness/ledger.mjs";
import { Server } from "../harness/server.mjs";

const LOCATIONS = 50;
const DEVICES = 10_000;
const ACTIVATED = 300;
const DRAINING = 100;
const UPDATES = 12;
/** Each about five times what it takes on two cores beside a build. */
const PAINT_AT_MOST_MS = 2_500;
const FRAME_AT_MOST_MS = 1_500;
const CHANGE_AT_MOST_MS = 10_000;

const location = (number) => `m${String(number).padStart(2, "0")}`;
const code = (number) => `${location(number % LOCATIONS)}-dz${String(number).padStart(5, "0")}`;

test("10,000 devices", async (t) => {
  const ledger = await Ledger.create(t);
  const numbers = [...Array(DEVICES).keys()];
  await ledger.locations([...Array(LOCATIONS).keys()].map((n) => `${location(n)},Metro ${n},NL,52.37,4.90,0`));
  await ledger.devices(numbers.map((n) => `${code(n)},${location(n % LOCATIONS)},hybrid,10.${n >> 12}.${(n >> 6) & 63}.${n & 63},128`));
  const activated = numbers.slice(0, ACTIVATED).map(code);
  await ledger.ebb("device", "activate", ...activated);
  await ledger.ebb(...["device", "drain", "--detach", "--yes", "--reason", "firmware"], ...activated.slice(0, DRAINING));
  const server = await Server.start(t, ledger);
  const browser = await launch(t);

  await t.test("the first page is light and soon there", async () => {
    const page = await newPage(browser, server);
    await open(page, "/");
    await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
    const timing = await page.evaluate(paintOf);
    const { Nodes, JSHeapUsedSize } = await metrics(page);
    report("10,000 devices, `/`: first byte", timing.firstByte, "ms");
    report("10,000 devices, `/`: first contentful paint", timing.paint, "ms");
    report("10,000 devices, `/`: HTML", Math.round(timing.bytes / 1024), "KiB");
    report("10,000 devices, `/`: nodes of the document", Nodes, "");
    report("10,000 devices, `/`: JavaScript heap", (JSHeapUsedSize / 2 ** 20).toFixed(1), "MiB");
    assert.ok(timing.paint < PAINT_AT_MOST_MS, `${timing.paint} ms`);
    assert.ok(timing.bytes < 1 << 20, `${timing.bytes} bytes`);
    assert.ok(Nodes < 30_000, `${Nodes} nodes`);
    assert.ok(JSHeapUsedSize < 32 << 20, `${JSHeapUsedSize} bytes`);
    assertNoFaults(page);
  });

  await t.test("its pages lead on, and have every device once", async () => {
    const page = await newPage(browser, server, { javaScriptEnabled: false });
    await open(page, "/?status=pending,activated&limit=200");
    const seen = await codesOn(page);
    const next = page.locator('a[rel="next"]');
    await next.click();
    assert.equal(new URL(page.url()).searchParams.get("status"), "pending,activated");
    seen.push(...(await codesOn(page)));
    for (let path = await next.getAttribute("href"); path; ) {
      const html = await (await fetch(new URL(path, server.url))).text();
      seen.push(...[...html.matchAll(/<tr data-device="([^"]+)"/g)].map((match) => match[1]));
      path = html.match(/<a rel="next" href="([^"]+)"/)?.[1].replaceAll("&#38;", "&");
    }
    assert.equal(seen.length, DEVICES - DRAINING);
    assert.equal(new Set(seen).size, DEVICES - DRAINING);
    assertNoFaults(page);
  });

  await t.test("it is scrolled to its end, and no frame takes longer than a second and a half", async () => {
    const page = await newPage(browser, server);
    await open(page, "/");
    const longest = Math.round(await page.evaluate(scrollThrough));
    report("10,000 devices, `/`: longest pause between frames while scrolling", longest, "ms");
    assert.ok(await page.evaluate(() => scrollY > 0), "it was scrolled");
    assert.ok(longest < FRAME_AT_MOST_MS, `${longest} ms`);
  });

  await t.test("changes come by the stream alone, in seconds, and leave nothing behind", async () => {
    const page = await newPage(browser, server);
    page.setDefaultTimeout(60_000);
    await withoutTimer(page);
    await open(page, "/");
    await mark(page);
    const times = [await change(page, 0)];
    const first = await metrics(page);
    for (let number = 1; number < UPDATES; number += 1) times.push(await change(page, number));
    const last = await metrics(page);
    const median = report("10,000 devices: from the landing of a change to the page", times, "ms");
    assert.ok(median < CHANGE_AT_MOST_MS, `${times} ms`);
    report(`10,000 devices: nodes added by ${UPDATES} changes`, last.Nodes - first.Nodes, "");
    report(`10,000 devices: heap added by ${UPDATES} changes`, Math.round((last.JSHeapUsedSize - first.JSHeapUsedSize) / 1024), "KiB");
    assert.ok(last.Nodes - first.Nodes < 2_000, `${last.Nodes - first.Nodes} nodes`);
    assert.ok(last.JSHeapUsedSize - first.JSHeapUsedSize < 8 << 20);
    assert.ok(await isMarked(page), "the page was loaded anew");
    assertNoFaults(page);
  });

  /** Changes the reason of a draining device, and returns after how long the page showed it. */
  async function change(page, number) {
    const device = code(number % 5);
    const reason = `firmware ${number}`;
    const shown = whenShown(page, `#draining [data-device="${device}"]`, reason);
    const landed = await ledger.drain(device, "--update", "--reason", reason);
    return (await shown) - landed;
  }
});

const codesOn = (page) =>
  page.locator("#fleet [data-device]").evaluateAll((rows) => rows.map((row) => row.dataset.device));

/** The browser's own counters, without what its garbage collector would take. */
async function metrics(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  await session.send("Performance.enable");
  const { metrics } = await session.send("Performance.getMetrics");
  await session.detach();
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

function paintOf() {
  const [navigation] = performance.getEntriesByType("navigation");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return {
    firstByte: Math.round(navigation.responseStart),
    paint: Math.round(paint.startTime),
    bytes: navigation.decodedBodySize,
  };
}

/** Scrolls to the end, a screen a frame, and returns the longest time between two frames. */
async function scrollThrough() {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  let longest = 0;
  for (let last = await frame(); scrollY + innerHeight < document.documentElement.scrollHeight - 1; ) {
    scrollBy({ top: innerHeight, behavior: "instant" });
    const now = await frame();
    longest = Math.max(longest, now - last);
    last = now;
  }
  return longest;
}
