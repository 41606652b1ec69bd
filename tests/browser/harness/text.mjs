// What a page says, without what differs from one run to the next.

import { readFile, writeFile } from "node:fs/promises";

const VARYING = [
  [/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z/g, "TIME"],
  [/\bin \d+[dhms]( \d+[hms])?\b|\b\d+[dhms]( \d+[hms])? ago\b/g, "DISTANCE"],
  [/\b[1-9A-HJ-NP-Za-km-z]{32,88}\b/g, "KEY"],
  [/embedded:\S+/g, "LEDGER"],
  [/\bslot \d+/g, "slot NUMBER"],
  [/\b\d+ slots? ahead/g, "NUMBER slots ahead"],
];

/** The lines that a reader sees, each once blanks are put together. */
export async function textOf(page) {
  const text = await page.locator("body").innerText();
  const plain = VARYING.reduce((text, [pattern, name]) => text.replace(pattern, name), text);
  const lines = plain.split("\n").map((line) => line.replace(/\s+/g, " ").trim());
  return lines.filter((line) => line !== "").join("\n") + "\n";
}

/** The text of a file; with `isWritten` it is written first. */
export async function committed(file, text, isWritten) {
  if (isWritten) await writeFile(file, text);
  return readFile(file, "utf8");
}
