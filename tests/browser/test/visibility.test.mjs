// A page that is hidden and shown again while it is being read has one stream while it is seen, and none while it is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { assertNoFaults, launch, newPage, open, whenShown } from "../harness/browser.mjs";
import { Ledger } from "../harness/ledger.mjs";
import { Server } from "../harness/server.mjs";

const isFleet = (url) => url.pathname === "/";

test("streams of a page that is hidden and shown again", async (t) => {
  const ledger = await Ledger.create(t);
  await ledger.locations(["ams,Amsterdam,NL,52.37,4.90,0"]);
  const server = await Server.start(t, ledger);
  const page = await newPage(await launch(t), server);
  await page.addInitScript(countStreams);
  await open(page, "/");
  assert.deepEqual(await streams(page), { open: 1, ofHidden: 0 });

  await t.test("turned often while one reading is slow", async () => {
    const held = await hold(page, "Fleet, read slowly");
    await turn(page, true);
    await turnAndRead(page, held);
    for (const hidden of [true, false, true]) await turn(page, hidden);
    await turnAndRead(page, held);
    await held.release();
    await whenShown(page, "h1", "Fleet, read slowly");
    assert.deepEqual(await streams(page), { open: 1, ofHidden: 0 });
    assert.equal(await streamsOf(server, 1), 1);
  });

  await t.test("hidden before the reading ends", async () => {
    const held = await hold(page, "Fleet, read while hidden");
    await turn(page, true);
    await turnAndRead(page, held);
    await turn(page, true);
    await held.release();
    assert.deepEqual(await streams(page), { open: 0, ofHidden: 0 });
    assert.equal(await streamsOf(server, 0), 0);
    await turn(page, false);
    await page.waitForFunction(() => document.querySelector("h1").textContent === "Fleet");
    assert.deepEqual(await streams(page), { open: 1, ofHidden: 0 });
    assert.equal(await streamsOf(server, 1), 1);
  });

  // A reading that was given up is one that the browser writes down.
  assertNoFaults(page, /net::ERR_ABORTED/);
});

/** Counts the page's streams from its first script on, and lets a test say whether it is hidden. */
function countStreams() {
  const isHidden = () => window.ebbHidden === true;
  Object.defineProperty(document, "hidden", { get: isHidden });
  window.ebbStreams = [];
  const { EventSource } = window;
  window.EventSource = class extends EventSource {
    constructor(...args) {
      super(...args);
      window.ebbStreams.push({ stream: this, ofHidden: isHidden() });
    }
  };
}

const streams = (page) =>
  page.evaluate(() => ({
    open: window.ebbStreams.filter(({ stream }) => stream.readyState !== EventSource.CLOSED).length,
    ofHidden: window.ebbStreams.filter(({ ofHidden }) => ofHidden).length,
  }));

/** How many streams the server has, once they are so many, or after a while. */
async function streamsOf(server, expected) {
  let found;
  for (const end = Date.now() + 10_000; found !== expected && Date.now() < end; ) {
    const metrics = await (await fetch(new URL("/metrics", server.url))).text();
    found = Number(metrics.match(/^ebb_sse_clients (\d+)/m)[1]);
  }
  return found;
}

const turn = (page, hidden) =>
  page.evaluate((hidden) => {
    window.ebbHidden = hidden;
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

/** Shows the page, and returns once its reading is held back. */
async function turnAndRead(page, held) {
  const reading = page.waitForRequest((request) => isFleet(new URL(request.url())));
  await turn(page, false);
  const request = await reading;
  while (!held.requests.has(request)) await sleep(5);
}

/** Holds every reading of the page back until it is released, and gives it another title. */
async function hold(page, title) {
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  const answers = [];
  const requests = new Set();
  const answer = async (route) => {
    await released;
    // One that the page gave up has no answer.
    const response = await route.fetch().catch(() => undefined);
    if (!response) return;
    const body = (await response.text()).replace("<h1>Fleet</h1>", `<h1>${title}</h1>`);
    await route.fulfill({ response, body }).catch(() => undefined);
  };
  const handler = (route) => {
    requests.add(route.request());
    answers.push(answer(route));
    return answers.at(-1);
  };
  await page.route(isFleet, handler);
  return {
    requests,
    release: async () => {
      release();
      await Promise.all(answers);
      await page.unroute(isFleet, handler);
    },
  };
}
