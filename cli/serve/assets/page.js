// Keeps the page as the server has it: one stream says that something changed, and the page is read again and compared, so that
// focus, selection and scrolling stay. Without this script the page shows the same, as of when it was loaded.
"use strict";

document.documentElement.classList.add("js");

// Times

const UNITS = [[86400, "d"], [3600, "h"], [60, "m"], [1, "s"]];

/** A span in its two largest units, as the server writes it. */
function span(seconds) {
  const parts = [];
  let rest = seconds;
  for (const [size, unit] of UNITS) {
    const whole = Math.floor(rest / size);
    rest %= size;
    if (whole > 0) parts.push(whole + unit);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ") || "0s";
}

/** By how much the ledger's clock is ahead of this one, in seconds. */
let ahead = 0;

function setClock(main) {
  if (main.dataset.now) ahead = Number(main.dataset.now) - Date.now() / 1000;
}

function tick() {
  const now = Math.floor(Date.now() / 1000 + ahead);
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const apart = Math.floor(Date.parse(time.dateTime) / 1000) - now;
    setText(time, apart > 0 ? "in " + span(apart) : span(-apart) + " ago");
    if ("due" in time.dataset) time.classList.toggle("overdue", apart <= 0);
  }
}

function setText(node, text) {
  const first = node.firstChild;
  if (first && first.nodeType === Node.TEXT_NODE && node.childNodes.length === 1) {
    if (first.data !== text) first.data = text;
  } else {
    node.textContent = text;
  }
}

// Comparing

/** What makes an element the same one in another version of the page. */
function keyOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  return node.id || node.dataset.device || "";
}

function isSame(old, next) {
  return old.nodeType === next.nodeType && old.nodeName === next.nodeName && keyOf(old) === keyOf(next);
}

/** Makes a node what the next version of it is, touching only what differs. */
function renew(old, next) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  if (old.hasAttribute("data-keep")) return;
  for (const { name } of [...old.attributes]) {
    // Whether the reader opened it is not the server's to say.
    if (!next.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  renewChildren(old, next);
}

function renewChildren(old, next) {
  const wanted = new Set([...next.children].map(keyOf));
  for (const child of [...old.children]) {
    const key = keyOf(child);
    if (key && !wanted.has(key)) child.remove();
  }
  const keyed = new Map([...old.children].map((child) => [keyOf(child), child]));
  let at = old.firstChild;
  for (const child of [...next.childNodes]) {
    const known = keyOf(child) ? keyed.get(keyOf(child)) : at;
    if (!known || !isSame(known, child)) {
      old.insertBefore(document.importNode(child, true), at);
      continue;
    }
    // What has no key gives way, as an element that moves loses its focus.
    while (at && at !== known && !keyOf(at)) at = without(at);
    if (known === at) at = at.nextSibling;
    else old.insertBefore(known, at);
    renew(known, child);
  }
  while (at) at = without(at);
}

/** Removes a node and returns the one behind it. */
function without(node) {
  const following = node.nextSibling;
  node.remove();
  return following;
}

/** Puts another version of the page in place of this one. */
function show(next) {
  const main = document.querySelector("main");
  const focused = document.activeElement;
  renew(main, next);
  if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
  setClock(main);
  tick();
}

// Staying up to date

const SHORTEST_PAUSE = 250;
const LONGEST_PAUSE = 3000;
/** The time alone changes what is shown, too. */
const READ_EVERY = 10000;
const HISTORY_FOLLOWS = 2000;
const GIVE_UP_AFTER = 10000;
const FIRST_RETRY = 1000;
const LONGEST_RETRY = 10000;

/** The stream, the reading under way and the timer of the next one: `stop` ends all three. */
const state = { source: null, reading: null, due: null, missed: false, notBefore: 0, lostAt: null, retry: FIRST_RETRY };

/** Says how the page stays up to date. */
function report() {
  const connection = document.getElementById("connection");
  if (!connection) return;
  const since = state.lostAt && state.lostAt.toISOString().slice(11, 19);
  setText(connection, since ? "Connection lost since " + since + "Z; trying again." : "Live.");
  document.getElementById("freshness").classList.toggle("lost", Boolean(since));
}

function stop() {
  if (state.source) state.source.close();
  if (state.reading) state.reading.abort();
  clearTimeout(state.due);
  state.source = state.reading = state.due = null;
}

/** Follows the changes behind what is shown. A page that nobody sees takes no connection. */
function connect() {
  stop();
  if (document.hidden) return;
  const source = new EventSource(document.querySelector("main").dataset.events || "/api/v1/events");
  state.source = source;
  source.onopen = () => {
    state.lostAt = null;
    state.retry = FIRST_RETRY;
    report();
  };
  source.onerror = lose;
  source.addEventListener("device", changed);
  source.addEventListener("removed", changed);
  source.addEventListener("resync", lose);
}

/** Begins again with the page itself, as the stream's position may be another server's. */
function lose() {
  stop();
  state.lostAt = state.lostAt || new Date();
  report();
  state.due = setTimeout(read, state.retry * (0.5 + Math.random() / 2));
  state.retry = Math.min(2 * state.retry, LONGEST_RETRY);
}

/** Reads the page and follows the changes behind it. */
async function read() {
  const reading = new AbortController();
  clearTimeout(state.due);
  Object.assign(state, { reading, due: null, missed: false });
  const giveUp = setTimeout(() => reading.abort(), GIVE_UP_AFTER);
  const began = Date.now();
  const next = await load(reading.signal);
  clearTimeout(giveUp);
  // Whoever stopped this reading began another, or nobody sees the page.
  if (state.reading !== reading) return;
  state.reading = null;
  if (!next) {
    lose();
    return;
  }
  const now = Date.now();
  state.notBefore = now + Math.min(Math.max(SHORTEST_PAUSE, 3 * (now - began)), LONGEST_PAUSE);
  show(next);
  report();
  if (!state.source) connect();
  if (state.missed) readSoon();
}

/** Returns the content of the page as the server has it now; nothing if it could not be read. */
async function load(signal) {
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store", signal });
    if (response.status >= 500 || response.status === 401) return null;
    return new DOMParser().parseFromString(await response.text(), "text/html").querySelector("main");
  } catch {
    return null;
  }
}

/** Reads the page soon, and not more often than it can be read. */
function readSoon() {
  if (state.reading) state.missed = true;
  else if (state.source && state.due === null) state.due = setTimeout(read, Math.max(state.notBefore - Date.now(), 0));
}

function changed(event) {
  const { code } = document.querySelector("main").dataset;
  if (code && JSON.parse(event.data).code !== code) return;
  readSoon();
  // The history is read from the ledger a little later.
  if (code) setTimeout(readSoon, HISTORY_FOLLOWS);
}

// Copying

async function copy(button) {
  const code = button.closest("li").querySelector("code");
  const said = document.getElementById("copied");
  try {
    await navigator.clipboard.writeText(code.textContent);
    said.textContent = "Copied: " + code.textContent;
  } catch {
    // Browsers leave the clipboard to pages that came encrypted or from this machine.
    getSelection().selectAllChildren(code);
    said.textContent = "Selected: copy it with the keyboard";
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.copy");
  if (button) copy(button);
});

const main = document.querySelector("main[data-live]");
if (main) {
  setClock(main);
  tick();
  setInterval(tick, 1000);
  setInterval(readSoon, READ_EVERY);
  document.addEventListener("visibilitychange", () => {
    stop();
    if (!document.hidden) read();
  });
  connect();
}
