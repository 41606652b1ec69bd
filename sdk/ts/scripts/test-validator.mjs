// Runs the tests on a validator of their own: loopback only, its own ports, an
// empty ledger that goes with it. `EBB_TEST_VALIDATOR` names the binary if
// `solana-test-validator` is not on the path.

import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { getBase58Decoder } from "@solana/kit";

const PROGRAM_ID = "EBBpwAwPHD5dSWgKQU9PBqwek1UcTLtHUcidJRquxpic";
const ROOT = new URL("../../../", import.meta.url);
const PROGRAM = fileURLToPath(
  new URL(process.env.EBB_ELF ?? "sdk/elf/ebb_device_registry.so", ROOT),
);
const VALIDATOR = process.env.EBB_TEST_VALIDATOR ?? "solana-test-validator";

/** A key pair as Solana's tools store it: the secret, then the public key. */
function makeKeyPair() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const secret = Buffer.from(
    privateKey.export({ format: "jwk" }).d,
    "base64url",
  );
  const key = Buffer.from(publicKey.export({ format: "jwk" }).x, "base64url");
  return {
    address: getBase58Decoder().decode(key),
    bytes: [...secret, ...key],
  };
}

/** The first of a run of ports, of which at least this one is free. */
async function findPort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return Math.min(port, 65_000);
}

async function isHealthy(url) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "getHealth" }),
    });
    return (await response.json()).result === "ok";
  } catch {
    return false;
  }
}

async function run(command, args, options) {
  const child = spawn(command, args, { stdio: "inherit", ...options });
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

const folder = await mkdtemp(join(tmpdir(), "ebb-validator-"));
const authority = makeKeyPair();
const keyPairFile = join(folder, "upgrade-authority.json");
await writeFile(keyPairFile, JSON.stringify(authority.bytes), { mode: 0o600 });

const port = await findPort();
const url = `http://127.0.0.1:${port}`;
const validator = spawn(
  VALIDATOR,
  [
    ...["--bind-address", "127.0.0.1"],
    ...["--rpc-port", port],
    ...["--faucet-port", port + 2],
    ...["--gossip-port", port + 3],
    ...["--dynamic-port-range", `${port + 10}-${port + 50}`],
    ...["--ledger", join(folder, "ledger")],
    ...["--upgradeable-program", PROGRAM_ID, PROGRAM, authority.address],
    "--quiet",
  ].map(String),
  { stdio: ["ignore", "ignore", "inherit"] },
);
const stopped = new Promise((resolve, reject) => {
  validator.on("error", reject);
  validator.on("exit", resolve);
});
// Failure to start is seen below; nobody else waits then.
stopped.catch(() => {});

try {
  const deadline = Date.now() + 120_000;
  while (!(await isHealthy(url))) {
    const ended = validator.exitCode !== null || validator.pid === undefined;
    if (ended || Date.now() > deadline) {
      throw new Error(`${VALIDATOR} did not come up`);
    }
    await sleep(250);
  }
  process.exitCode = await run("npm", ["test"], {
    env: {
      ...process.env,
      EBB_UPGRADE_AUTHORITY: keyPairFile,
      EBB_VALIDATOR_URL: url,
    },
  });
} finally {
  if (validator.pid !== undefined) {
    validator.kill();
    await stopped;
  }
  await rm(folder, { force: true, recursive: true });
}
