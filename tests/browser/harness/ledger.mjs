// An embedded ledger in a folder of its own, made and changed by the commands that people type.

import { execFile } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { atEnd } from "./cleanup.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const run = promisify(execFile);

/** The binary under test: the one that the workspace's build left. */
export const EBB =
  process.env.EBB_BIN ??
  join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug", "ebb");

/** A ledger, made and changed by one key that is in every role. */
export class Ledger {
  /** `where` are the options that name the ledger to a command. */
  constructor(folder, where) {
    this.folder = folder;
    this.where = where;
  }

  /** A new embedded ledger with the contributor co01; it goes with the test. */
  static async create(test) {
    const folder = await newFolder(test);
    const ledger = new Ledger(folder, ["--url", `embedded:${join(folder, "ledger")}`]);
    await ledger.ebb("init");
    await ledger.admit(join(folder, "ledger", "keys", "default.json"));
    return ledger;
  }

  async admit(authority) {
    await this.ebb("contributor", "create", "co01", "--authority", authority);
    const contributor = await this.ebb("contributor", "get", "co01", "--output", "json-compact");
    this.agent = JSON.parse(contributor).authority;
  }

  /** Runs a command to its end and returns what it prints; fails with its stderr. */
  async ebb(...args) {
    const { stdout } = await run(EBB, [...this.where, ...args]);
    return stdout;
  }

  /** Creates locations from the lines of a CSV file: code, name, country, latitude, longitude, budget. */
  locations(lines) {
    return this.#import("location", "code,name,country,lat,lng,min_activated", lines);
  }

  /** Registers devices of co01 from the lines of a CSV file: code, location, type, address, capacity. */
  devices(lines) {
    const head = "code,location,device_type,public_ip,max_sessions,contributor,agent";
    return this.#import("device", head, lines.map((line) => `${line},co01,${this.agent}`));
  }

  async #import(kind, head, lines) {
    const file = join(this.folder, `${kind}s.csv`);
    await writeFile(file, [head, ...lines, ""].join("\n"));
    await this.ebb(kind, "import", file);
  }

  /** Opens sessions of new users on a device, and returns the users' keys. */
  async openSessions(code, count) {
    const users = Array.from({ length: count }, newUser);
    for (const user of users) await this.ebb("session", "open", code, "--user", user);
    return users;
  }

  /** Closes the sessions of users, with a pause in milliseconds before each. */
  async closeSessions(code, users, pause = 0) {
    for (const user of users) {
      await sleep(pause);
      await this.ebb("session", "close", code, "--user", user);
    }
  }

  /** Begins or changes a drain, and returns when it landed. */
  async drain(code, ...options) {
    await this.ebb("device", "drain", code, "--detach", "--yes", ...options);
    return this.landed();
  }

  /** When the newest transaction landed, in milliseconds since 1970: the ledger writes its journal then, and at no other time. */
  async landed() {
    const { mtimeMs } = await stat(join(this.folder, "ledger", "journal"));
    return Math.round(mtimeMs);
  }
}

/** A folder that goes with the test. */
export async function newFolder(test) {
  const folder = await mkdtemp(join(tmpdir(), "ebb-browser-"));
  atEnd(test, () => rm(folder, { recursive: true, force: true }));
  return folder;
}

const newUser = () => base58(Buffer.concat([Buffer.from([1]), randomBytes(31)]));

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** Bytes in base 58, the first of which is not 0. */
export function base58(bytes) {
  let text = "";
  for (let number = BigInt(`0x${bytes.toString("hex")}`); number > 0n; number /= 58n) {
    text = ALPHABET[Number(number % 58n)] + text;
  }
  return text;
}
