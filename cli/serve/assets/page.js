// Keeps the page as the server has it: one stream says that something changed, and the page is read again and compared, so that
// focus, selection and scrolling stay. Without this script the page shows the same, as of when it was loaded.
"use strict";

document.documentElement.classList.add("js");

// Times

/** Each with its seconds, and how many of it the next larger one has. */
const UNITS = [[86400, "d", Infinity], [3600, "h", 24], [60, "m", 60], [1, "s", 60]];

/** A span in its two largest units, as the server writes it. */
function span(seconds) {
  const largest = UNITS.findIndex(([size]) => size <= seconds);
  if (largest < 0) return "0s";
  const parts = UNITS.slice(largest, largest + 2).map(([size, unit, most]) => [Math.floor(seconds / size) % most, unit]);
  return parts.filter(([whole]) => whole > 0).map((part) => part.join("")).join(" ");
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

/** Sets the text of an element that contains nothing else. Its node stays, and with it what is selected. */
function setText(element, text) {
  if (!element.firstChild) element.append("");
  if (element.firstChild.data !== text) element.firstChild.data = text;
}

// Comparing

/** What makes a node the same one in another version of the page; those of one name are the same in their order. */
function nameOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return node.nodeName;
  return [node.nodeName, node.id || node.dataset.device || node.dataset.key].join(" ");
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
  const unused = new Map();
  for (const node of old.childNodes) unused.set(nameOf(node), [...(unused.get(nameOf(node)) ?? []), node]);
  const wanted = [...next.childNodes].map((child) => [child, unused.get(nameOf(child))?.shift()]);
  for (const node of [...unused.values()].flat()) node.remove();
  let last = null;
  for (const [child, known] of wanted) {
    const node = known ?? document.importNode(child, true);
    // What moves loses the focus and the selection, so that all before it moves in its place.
    while (isInUse(node) && node.previousSibling && node.previousSibling !== last) node.previousSibling.remove();
    const at = last ? last.nextSibling : old.firstChild;
    if (node !== at) old.insertBefore(node, at);
    if (known) renew(known, child);
    last = node;
  }
}

/** Whether the focus, or the start of the selection, is in a node. */
const isInUse = (node) => node.contains(document.activeElement) || node.contains(getSelection().anchorNode);

/** Puts another version of the page in place of this one. */
function show(next) {
  const main = document.querySelector("main");
  renew(main, next);
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
  for (const kind of ["device", "removed"]) source.addEventListener(kind, changed);
  for (const kind of ["registry", "location", "contributor"]) source.addEventListener(kind, changedRules);
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
  const began = performance.now();
  const next = await load(reading.signal);
  clearTimeout(giveUp);
  // Whoever stopped this reading began another, or nobody sees the page.
  if (state.reading !== reading) return;
  state.reading = null;
  if (!next) return lose();
  const now = performance.now();
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
  else if (state.source && state.due === null) state.due = setTimeout(read, state.notBefore - performance.now());
}

/** They decide what a device may do that is there. */
function changedRules() {
  if (!("removed" in document.querySelector("main").dataset)) readSoon();
}

function changed(event) {
  const { code } = document.querySelector("main").dataset;
  if (code && JSON.parse(event.data).code !== code) return;
  if (code && event.type === "removed") {
    // The device left the filters of the stream, and its page has another.
    stop();
    read();
  } else readSoon();
  // The history is read from the ledger a little later.
  if (code) setTimeout(readSoon, HISTORY_FOLLOWS);
}

// Copying

/** How long what was said is away: the same text in its place would not be announced again. */
const UNSAID = 100;

/** Copies a command, and says beside its button alone what that did. */
async function copy(button) {
  for (const said of document.querySelectorAll(".commands output")) said.textContent = "";
  const command = button.closest("li");
  const isCopied = await write(command.querySelector("code"));
  const said = command.querySelector("output");
  setTimeout(() => { said.textContent = isCopied ? "Copied" : "Selected: now copy it"; }, UNSAID);
}

/** Writes the text of an element to the clipboard, or selects it where that is not allowed. Returns whether it is copied. */
async function write(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    // Browsers leave the clipboard to pages that came encrypted or from this machine; others copy what is selected.
    getSelection().selectAllChildren(element);
    return document.execCommand("copy");
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
