// Debian's Chromium, and pages of it on which every fault is written down.

import assert from "node:assert/strict";

import { chromium } from "playwright-core";

import { atEnd } from "./cleanup.mjs";

const EXECUTABLE = process.env.EBB_CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser with a new profile, which ends with the test. */
export async function launch(test) {
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
  atEnd(test, () => browser.close());
  return browser;
}

/** A page in a context of its own that writes down what must not happen on it. */
export async function newPage(browser, server, options = {}) {
  const context = await browser.newContext({ baseURL: server.url, ...options });
  const page = await context.newPage();
  page.faults = [];
  watch(page, server.url);
  return page;
}

function watch(page, origin) {
  const fault = (text) => page.faults.push(text);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) fault(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => fault(`exception: ${error.message}`));
  page.on("dialog", (dialog) => {
    fault(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  page.on("request", (request) => {
    if (request.method() !== "GET") fault(`${request.method()} ${request.url()}`);
    if (!request.url().startsWith(`${origin}/`)) fault(`request to ${request.url()}`);
  });
}

/** Fails if anything happened on the page that must not; `expected` are patterns of what the test brought about. */
export function assertNoFaults(page, ...expected) {
  const faults = page.faults.filter((fault) => !expected.some((pattern) => pattern.test(fault)));
  assert.deepEqual(faults, []);
}

/** What the browser writes down for a page that is answered with an error. */
export const ERROR_ANSWER = /^console: Failed to load resource: the server responded with a status of 4\d\d/;

/** What it writes down while the server is away. */
export const SERVER_AWAY = /^console: Failed to load resource: net::ERR_/;

/** Opens a path, and where its page follows the ledger, waits until it hears of changes. */
export async function open(page, path) {
  const response = await page.goto(path);
  const follows = (await page.locator("html.js main[data-live]").count()) > 0;
  if (follows) await page.locator("#connection", { hasText: "Live." }).waitFor();
  return response;
}

/** Has a page read itself for a change alone: what it reads again from time to time would hide a change that it never heard of. */
export const withoutTimer = (page) => page.addInitScript(() => { window.setInterval = () => 0; });

/** When, in milliseconds since 1970, an element that `selector` names contained `text` or, without one, was there. */
export async function whenShown(page, selector, text = "") {
  const found = await page.waitForFunction(
    ([selector, text]) => {
      const shown = [...document.querySelectorAll(selector)].some((element) => element.textContent.includes(text));
      return shown && Date.now();
    },
    [selector, text],
    { polling: "raf" },
  );
  return found.jsonValue();
}

/** Puts a mark on the document that a reload would take away. */
export const mark = (page) => page.evaluate(() => { window.ebbTestMark = true; });

export const isMarked = (page) => page.evaluate(() => window.ebbTestMark === true);

/** Whether the page can be moved sideways, and by which elements. */
export function overflowing(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > width + 0.5)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}#${element.id}`);
  });
}
