/**
 * Build Ebb's instructions, read its accounts and its events.
 *
 * Nearly all of it is generated from the program's IDL. Written by hand is what
 * an IDL cannot say: strict reading, events in logs, and addresses that derive
 * from a digest.
 */

export * from "./generated/index.js";

export { readAccount, type EbbAccount } from "./account.js";
export { isDrained } from "./device.js";
export { findDiskKeyPdaByPath, hashPath } from "./diskKey.js";
export { EbbError } from "./error.js";
export {
  decodeEvent,
  readEvents,
  type LoggedEvent,
  type LoggedEvents,
} from "./event.js";
export { formatIpv4, parseCountry, parseIpv4 } from "./value.js";
