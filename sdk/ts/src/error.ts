import {
  EBB_DEVICE_REGISTRY_ERROR__CORRUPT_ACCOUNT,
  EBB_DEVICE_REGISTRY_ERROR__UNSUPPORTED_VERSION,
  EBB_DEVICE_REGISTRY_ERROR__WRONG_ACCOUNT_TYPE,
  getEbbDeviceRegistryErrorMessage,
  type EbbDeviceRegistryError,
} from "./generated/errors/index.js";

/** Bytes that cannot be read. The codes are the program's. */
export class EbbError extends Error {
  override readonly name = "EbbError";

  constructor(
    readonly code: EbbDeviceRegistryError,
    options?: ErrorOptions,
  ) {
    super(getEbbDeviceRegistryErrorMessage(code), options);
  }
}

export function corrupt(cause?: unknown): EbbError {
  return new EbbError(EBB_DEVICE_REGISTRY_ERROR__CORRUPT_ACCOUNT, { cause });
}

export function unsupportedVersion(): EbbError {
  return new EbbError(EBB_DEVICE_REGISTRY_ERROR__UNSUPPORTED_VERSION);
}

export function wrongAccountType(): EbbError {
  return new EbbError(EBB_DEVICE_REGISTRY_ERROR__WRONG_ACCOUNT_TYPE);
}
