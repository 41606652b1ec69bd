// A solana-test-validator with the committed program, on ports of its own.

import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { atEnd } from "./cleanup.mjs";
import { base58, Ledger, newFolder } from "./ledger.mjs";

const PROGRAM_ID = "EBBpwAwPHD5dSWgKQU9PBqwek1UcTLtHUcidJRquxpic";
const PROGRAM = fileURLToPath(new URL("../../../sdk/elf/ebb_device_registry.so", import.meta.url));

/** The validator's binary, if the caller has one. */
export const VALIDATOR = process.env.EBB_TEST_VALIDATOR;

/** A ledger on a validator of its own, with the contributor co01; both go with the test. */
export async function onValidator(test) {
  const folder = await newFolder(test);
  const keyFile = join(folder, "key.json");
  const key = newKeyPair();
  await writeFile(keyFile, JSON.stringify(key.bytes), { mode: 0o600 });
  const url = await start(test, folder, key.address);
  const config = join(folder, "config.yml");
  await writeFile(config, JSON.stringify({ json_rpc_url: url, websocket_url: "", keypair_path: keyFile, commitment: "confirmed" }));
  const ledger = new Ledger(folder, ["--config", config]);
  await ledger.ebb("init");
  await ledger.admit(keyFile);
  return ledger;
}

async function start(test, folder, owner) {
  const port = await freePort();
  const options = [
    ...["--bind-address", "127.0.0.1"],
    ...["--rpc-port", port],
    ...["--faucet-port", port + 2],
    ...["--gossip-port", port + 3],
    ...["--dynamic-port-range", `${port + 10}-${port + 50}`],
    ...["--ledger", join(folder, "validator")],
    ...["--mint", owner],
    ...["--upgradeable-program", PROGRAM_ID, PROGRAM, owner],
    "--quiet",
  ];
  const validator = spawn(VALIDATOR, options.map(String), { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(validator, "exit");
  atEnd(test, async () => {
    validator.kill("SIGKILL");
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 120_000;
  while (!(await isHealthy(url))) {
    if (validator.exitCode !== null || Date.now() > deadline) throw new Error(`${VALIDATOR} did not start`);
    await sleep(250);
  }
  return url;
}

async function isHealthy(url) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "getHealth" });
  try {
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    return (await response.json()).result === "ok";
  } catch {
    return false;
  }
}

/** The first of a run of ports, of which at least this one is free. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return Math.min(port, 65_000);
}

/** A key pair as Solana's tools store it: the secret, then the public key. */
function newKeyPair() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const secret = Buffer.from(privateKey.export({ format: "jwk" }).d, "base64url");
  const key = Buffer.from(publicKey.export({ format: "jwk" }).x, "base64url");
  return { address: base58(key), bytes: [...secret, ...key] };
}
