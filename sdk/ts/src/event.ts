import {
  getBase64Encoder,
  type Address,
  type ReadonlyUint8Array,
} from "@solana/kit";

import { corrupt, unsupportedVersion } from "./error.js";
import { EVENT_VERSION } from "./generated/constants.js";
import { EBB_DEVICE_REGISTRY_PROGRAM_ADDRESS } from "./generated/programs/index.js";
import { getEventCodec, type Event } from "./generated/types/index.js";
import { decodeStrictly } from "./strict.js";

const DATA = "Program data: ";
/** What a node logs in place of the first line that does not fit. Shorter ones may follow. */
const TRUNCATED = "Log truncated";
const MAX_REASON_LEN = 64;

/** Reads an event's bytes, and takes none that the program does not log. */
export function decodeEvent(data: ReadonlyUint8Array): Event {
  const version = data[1];
  if (version !== undefined && version > EVENT_VERSION) {
    throw unsupportedVersion();
  }
  if (version !== EVENT_VERSION) {
    throw corrupt();
  }
  const codec = getEventCodec();
  const { rest, value } = decodeStrictly(codec, data);
  const reasonLen = new TextEncoder().encode(value.reason).length;
  if (rest.length > 0 || reasonLen > MAX_REASON_LEN) {
    throw corrupt();
  }
  return value;
}

/**
 * Reads the events of one program out of a transaction's log lines.
 *
 * Any program can log bytes that look like an event. Only those are taken that
 * were logged while `programAddress` was on top of the invocation stack. A gap
 * in the `sequence` of one subject shows that logs were truncated: behind the
 * line that says so nobody knows the stack, so nothing is taken. Ask for the
 * transaction's status first: one that failed as a whole may have logged events
 * of instructions before the failure.
 */
export function readEvents(
  logs: Iterable<string>,
  programAddress: Address = EBB_DEVICE_REGISTRY_PROGRAM_ADDRESS,
): Event[] {
  const stack: string[] = [];
  const events: Event[] = [];
  for (const line of logs) {
    if (line === TRUNCATED) {
      break;
    }
    if (line.startsWith(DATA)) {
      if (stack.at(-1) === programAddress) {
        events.push(decodeEvent(decodeBase64(line.slice(DATA.length))));
      }
      continue;
    }
    const [first, program, what] = line.split(" ");
    if (first !== "Program" || program === undefined) {
      continue;
    }
    if (what === "invoke") {
      stack.push(program);
    } else if (
      (what === "success" || what === "failed:") &&
      stack.at(-1) === program
    ) {
      stack.pop();
    }
  }
  return events;
}

function decodeBase64(text: string): ReadonlyUint8Array {
  try {
    return getBase64Encoder().encode(text);
  } catch (error) {
    throw corrupt(error);
  }
}
