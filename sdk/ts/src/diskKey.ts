import type {
  Address,
  ProgramDerivedAddress,
  ReadonlyUint8Array,
} from "@solana/kit";

import { findDiskKeyPda } from "./generated/pdas/index.js";

/** SHA-256 of a disk's path, a seed of its disk key's address. */
export async function hashPath(path: string): Promise<ReadonlyUint8Array> {
  const bytes = new TextEncoder().encode(path);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** A disk key and its bump: `["disk-key", device, sha256(path)]`. */
export async function findDiskKeyPdaByPath(
  seeds: { device: Address; path: string },
  config: { programAddress?: Address } = {},
): Promise<ProgramDerivedAddress> {
  const pathHash = await hashPath(seeds.path);
  return await findDiskKeyPda({ device: seeds.device, pathHash }, config);
}
