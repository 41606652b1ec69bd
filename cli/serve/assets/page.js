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
    if (!next.hasAttribute(name)) old.removeAttribute(name);
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

const SHORTEST_PAUSE = 1000;
const LONGEST_PAUSE = 10000;
/** The time alone changes what is shown, too. */
const READ_EVERY = 10000;
const HISTORY_FOLLOWS = 2000;
const GIVE_UP_AFTER = 10000;

const state = { source: null, lostAt: null, retry: SHORTEST_PAUSE, reading: false, due: null, missed: false, readAt: Date.now(), took: 0 };

/** Says how the page stays up to date, only where that is another way than before. */
function say(text, isLost) {
  const connection = document.getElementById("connection");
  if (connection) setText(connection, text);
  const banner = document.getElementById("freshness");
  if (banner) banner.classList.toggle("lost", isLost);
}

function connected() {
  state.lostAt = null;
  state.retry = SHORTEST_PAUSE;
  say("Live.", false);
}

function lost() {
  state.lostAt = state.lostAt || new Date();
  say("Connection lost since " + state.lostAt.toISOString().slice(11, 19) + "Z; trying again.", true);
}

/** Reads the page again, and once more if it was to be read meanwhile. Returns whether it could be. */
async function read() {
  if (state.reading) {
    state.missed = true;
    return true;
  }
  state.reading = true;
  state.missed = false;
  const began = Date.now();
  try {
    const signal = AbortSignal.timeout(GIVE_UP_AFTER);
    const response = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store", signal });
    if (response.status >= 500 || response.status === 401) return false;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    show(page.querySelector("main"));
    if (state.lostAt) lost();
    else connected();
    return true;
  } catch {
    return false;
  } finally {
    state.reading = false;
    state.readAt = Date.now();
    state.took = state.readAt - began;
    if (state.missed) readSoon();
  }
}

/** Reads the page soon, and not more often than it can be read. */
function readSoon() {
  if (state.due !== null) return;
  const pause = Math.max(SHORTEST_PAUSE, 3 * state.took);
  const wait = Math.max(state.readAt + pause - Date.now(), 0);
  state.due = setTimeout(async () => {
    state.due = null;
    if (!(await read())) restart();
  }, wait);
}

function changed(event) {
  const { code } = document.querySelector("main").dataset;
  if (code && JSON.parse(event.data).code !== code) return;
  readSoon();
  // The history is read from the ledger a little later.
  if (code) setTimeout(readSoon, HISTORY_FOLLOWS);
}

function connect() {
  const { position } = document.querySelector("main").dataset;
  const source = new EventSource("/api/v1/events" + (position ? "?after=" + position : ""));
  state.source = source;
  source.onopen = connected;
  source.onerror = restart;
  source.addEventListener("device", changed);
  source.addEventListener("removed", changed);
  source.addEventListener("resync", restart);
}

/** Begins again with the page itself, as the stream's position may be another server's. */
function restart() {
  disconnect();
  lost();
  const wait = state.retry * (0.5 + Math.random() / 2);
  state.retry = Math.min(2 * state.retry, LONGEST_PAUSE);
  state.restart = setTimeout(async () => {
    if (await read()) connect();
    else restart();
  }, wait);
}

function disconnect() {
  clearTimeout(state.restart);
  if (state.source) state.source.close();
  state.source = null;
}

/** A page that nobody sees takes no connection. */
async function seenOrNot() {
  disconnect();
  if (document.hidden) return;
  if (await read()) connect();
  else restart();
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
  setInterval(() => { if (state.source) readSoon(); }, READ_EVERY);
  document.addEventListener("visibilitychange", seenOrNot);
  if (!document.hidden) connect();
}
