// `ebb serve` as a process that can be killed and started again at the same address.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { atEnd } from "./cleanup.mjs";
import { EBB } from "./ledger.mjs";

const STARTED = /^serving on (http:\/\/\S+)$/;

export class Server {
  constructor(ledger, options) {
    this.ledger = ledger;
    this.options = options;
    this.address = "127.0.0.1:0";
    this.process = undefined;
  }

  /** A server that is serving, and ends with the test. */
  static async start(test, ledger, ...options) {
    const server = new Server(ledger, options);
    atEnd(test, () => server.kill());
    await server.start();
    return server;
  }

  async start() {
    const history = join(this.ledger.folder, "history.sqlite");
    this.process = spawn(
      EBB,
      [...this.ledger.where, "serve", "--listen", this.address, "--history", history, ...this.options],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    this.url = await addressOf(this.process);
    this.address = new URL(this.url).host;
  }

  /** Ends the server at once, as a crash does. */
  async kill() {
    if (this.process === undefined) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    this.process = undefined;
    await ended;
  }

  async get(path) {
    const response = await fetch(new URL(path, this.url));
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  }
}

/** Waits until a server prints its address, and fails with its stderr if it ends before. */
async function addressOf(process) {
  const seen = [];
  const lines = createInterface({ input: process.stderr });
  return new Promise((resolve, reject) => {
    process.once("error", reject);
    lines.on("line", (line) => {
      seen.push(line);
      const started = STARTED.exec(line);
      if (started) resolve(started[1]);
    });
    lines.once("close", () => reject(new Error(`the server ended: ${seen.join("\n")}`)));
  });
}
