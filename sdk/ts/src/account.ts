import type { Codec, ReadonlyUint8Array } from "@solana/kit";

import { corrupt, unsupportedVersion, wrongAccountType } from "./error.js";
import {
  CONTRIBUTOR_DISCRIMINATOR,
  DEVICE_DISCRIMINATOR,
  DISK_KEY_DISCRIMINATOR,
  getContributorCodec,
  getDeviceCodec,
  getDiskKeyCodec,
  getLocationCodec,
  getRegistryCodec,
  getSessionCodec,
  LOCATION_DISCRIMINATOR,
  REGISTRY_DISCRIMINATOR,
  SESSION_DISCRIMINATOR,
  type Contributor,
  type Device,
  type DiskKey,
  type Location,
  type Registry,
  type Session,
} from "./generated/accounts/index.js";
import { ACCOUNT_VERSION } from "./generated/constants.js";
import { EbbDeviceRegistryAccount as Type } from "./generated/programs/index.js";
import { decodeStrictly } from "./strict.js";

/** An account of the program, distinguished by its type. */
export type EbbAccount =
  | { type: Type.Registry; data: Registry }
  | { type: Type.Contributor; data: Contributor }
  | { type: Type.Location; data: Location }
  | { type: Type.Device; data: Device }
  | { type: Type.Session; data: Session }
  | { type: Type.DiskKey; data: DiskKey };

/**
 * Reads any account of the program, as strictly as the program does: another
 * type, a newer version, an unknown value, truncated data and trailing bytes
 * other than zeros are an {@link EbbError}.
 *
 * The generated decoders check little of this. Who owns the account, no decoder
 * can see.
 */
export function readAccount(data: ReadonlyUint8Array): EbbAccount {
  switch (data[0]) {
    case undefined:
      throw corrupt();
    case REGISTRY_DISCRIMINATOR:
      return { type: Type.Registry, data: read(getRegistryCodec(), data) };
    case CONTRIBUTOR_DISCRIMINATOR:
      return {
        type: Type.Contributor,
        data: read(getContributorCodec(), data),
      };
    case LOCATION_DISCRIMINATOR:
      return { type: Type.Location, data: read(getLocationCodec(), data) };
    case DEVICE_DISCRIMINATOR:
      return { type: Type.Device, data: read(getDeviceCodec(), data) };
    case SESSION_DISCRIMINATOR:
      return { type: Type.Session, data: read(getSessionCodec(), data) };
    case DISK_KEY_DISCRIMINATOR:
      return { type: Type.DiskKey, data: read(getDiskKeyCodec(), data) };
    default:
      throw wrongAccountType();
  }
}

function read<TFrom, TTo extends TFrom>(
  codec: Codec<TFrom, TTo>,
  data: ReadonlyUint8Array,
): TTo {
  const version = data[1] ?? 0;
  if (version > ACCOUNT_VERSION) {
    throw unsupportedVersion();
  }
  const { rest, value } = decodeStrictly(codec, data);
  // Zero padding after the last field is allowed, anything else is not.
  if (version === 0 || rest.some((byte) => byte !== 0)) {
    throw corrupt();
  }
  return value;
}
