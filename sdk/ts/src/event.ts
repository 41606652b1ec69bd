import {
  getBase64Encoder,
  type Address,
  type ReadonlyUint8Array,
} from "@solana/kit";

import { corrupt, unsupportedVersion } from "./error.js";
import { EVENT_VERSION } from "./generated/constants.js";
import { EBB_DEVICE_REGISTRY_PROGRAM_ADDRESS } from "./generated/programs/index.js";
import {
  EventKind,
  getEventCodec,
  type Event,
} from "./generated/types/index.js";
import { decodeStrictly } from "./strict.js";

const DATA = "Program data: ";
/** What stands where the runtime cut the logs. No program can log this line. */
const TRUNCATED = "Log truncated";
const MAX_REASON_LEN = 64;
const DETAIL_LEN = 32;
const KINDS_WITH_DETAIL: readonly EventKind[] = [
  EventKind.DeviceCreated,
  EventKind.DeviceUpdated,
  EventKind.DeviceRemoved,
  EventKind.DiskKeyRegistered,
];

/** An event, and the detail that some kinds log after it: empty for the others. */
export type LoggedEvent = Event & {
  /** What `kind` says: a key, or what fits a key's place. */
  detail: ReadonlyUint8Array;
};

/** The events of one program in a transaction's logs. */
export type LoggedEvents = {
  /** In the order in which they were logged. */
  events: LoggedEvent[];
  /**
   * Whether the runtime cut the logs after these events. Which followed is not
   * known: read the accounts again.
   */
  truncated: boolean;
};

/** Reads an event's bytes, and takes none that the program does not log. */
export function decodeEvent(data: ReadonlyUint8Array): LoggedEvent {
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
  const detailLen = KINDS_WITH_DETAIL.includes(value.kind) ? DETAIL_LEN : 0;
  if (rest.length !== detailLen || reasonLen > MAX_REASON_LEN) {
    throw corrupt();
  }
  return { ...value, detail: rest };
}

/**
 * Reads the events of one program out of a transaction's log lines.
 *
 * Any program can log bytes that have the form of an event. Only those are taken that
 * were logged while `programAddress` was on top of the invocation stack. Where
 * the runtime cut the logs reading ends, and a gap in the `sequence` of one
 * subject shows what was missed. Ask for the transaction's status first: one
 * that failed as a whole may have logged events of instructions before the
 * failure.
 *
 * `logs` are the entries as the cluster answers them. A message may contain line
 * breaks: whoever joins the entries and splits them again lets a program forge
 * what others logged.
 */
export function readEvents(
  logs: Iterable<string>,
  programAddress: Address = EBB_DEVICE_REGISTRY_PROGRAM_ADDRESS,
): LoggedEvents {
  const stack: string[] = [];
  const events: LoggedEvent[] = [];
  for (const line of logs) {
    if (line === TRUNCATED) {
      return { events, truncated: true };
    }
    if (line.startsWith(DATA)) {
      if (stack.at(-1) === programAddress) {
        events.push(decodeEvent(decodeFields(line.slice(DATA.length))));
      }
      continue;
    }
    const [first, program, what] = line.split(" ");
    // What a program says itself, as behind "Program log:", may have the form of a call.
    if (first !== "Program" || program === undefined || program.endsWith(":")) {
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
  return { events, truncated: false };
}

/** The bytes of a data line's fields, one after another. */
function decodeFields(text: string): ReadonlyUint8Array {
  return Uint8Array.from(
    text.split(" ").flatMap((field) => [...decodeBase64(field)]),
  );
}

function decodeBase64(text: string): ReadonlyUint8Array {
  try {
    return getBase64Encoder().encode(text);
  } catch (error) {
    throw corrupt(error);
  }
}
