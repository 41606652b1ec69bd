/** Events are read from the bytes that Rust logs, and believed of the program alone. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  getBase64Decoder,
  type Address,
  type ReadonlyUint8Array,
} from "@solana/kit";

import {
  decodeEvent,
  EBB_DEVICE_REGISTRY_ERROR__CORRUPT_ACCOUNT,
  EBB_DEVICE_REGISTRY_ERROR__UNSUPPORTED_VERSION,
  EbbError,
  EventKind,
  getEventEncoder,
  HoldKind,
  readEvents,
  Role,
  type Event,
} from "../src/index.js";
import { find, key, readFixture } from "./fixture.js";

const fixture = readFixture("events.txt");
const { data } = find(fixture, "drain-started");

const event: Event = {
  kind: EventKind.DrainStarted,
  version: 1,
  role: Role.Authority,
  forced: true,
  reserved: new Uint8Array(3),
  holdKind: HoldKind.None,
  from: 1n,
  to: 2n,
  sequence: 1_000n,
  slot: 1_001n,
  time: 1_002n,
  subject: key(1),
  actor: key(2),
  related: key(3),
  reason: "rack 12, power",
};

function refuses(read: () => unknown, code: number) {
  assert.throws(
    read,
    (error) => error instanceof EbbError && error.code === code,
  );
}

describe("an event", () => {
  test("is what Rust logs", () => {
    assert.deepEqual(decodeEvent(data), {
      ...event,
      detail: new Uint8Array(0),
    });
    assert.deepEqual(getEventEncoder().encode(event), data);
  });

  test("reads a hold's kind", () => {
    const placed = decodeEvent(find(fixture, "hold-placed").data);
    assert.equal(placed.kind, EventKind.HoldPlaced);
    assert.equal(placed.holdKind, HoldKind.PendingTask);
  });

  test("has a detail if its kind has one", () => {
    const created = find(fixture, "device-created").data;
    const decoded = decodeEvent(created);
    assert.equal(decoded.kind, EventKind.DeviceCreated);
    assert.deepEqual(decoded.detail, new Uint8Array(32).fill(4));
    refuses(
      () => decodeEvent(created.slice(0, -1)),
      EBB_DEVICE_REGISTRY_ERROR__CORRUPT_ACCOUNT,
    );
  });

  test("is whole", () => {
    for (let length = 0; length < data.length; length += 1) {
      refuses(
        () => decodeEvent(data.slice(0, length)),
        EBB_DEVICE_REGISTRY_ERROR__CORRUPT_ACCOUNT,
      );
    }
    const longer = new Uint8Array(data.length + 1);
    longer.set(data);
    refuses(
      () => decodeEvent(longer),
      EBB_DEVICE_REGISTRY_ERROR__CORRUPT_ACCOUNT,
    );
  });

  test("holds nothing unknown", () => {
    const changed = (position: number, byte: number) =>
      Uint8Array.from(data).fill(byte, position, position + 1);
    const corrupt = EBB_DEVICE_REGISTRY_ERROR__CORRUPT_ACCOUNT;
    refuses(() => decodeEvent(changed(0, 200)), corrupt);
    refuses(() => decodeEvent(changed(1, 0)), corrupt);
    refuses(
      () => decodeEvent(changed(1, 2)),
      EBB_DEVICE_REGISTRY_ERROR__UNSUPPORTED_VERSION,
    );
    refuses(() => decodeEvent(changed(3, 2)), corrupt);
    refuses(() => decodeEvent(changed(data.length - 1, 0xff)), corrupt);
  });

  test("has a reason of up to 64 bytes", () => {
    const reason = (length: number) =>
      getEventEncoder().encode({ ...event, reason: "x".repeat(length) });
    assert.equal(decodeEvent(reason(64)).reason.length, 64);
    assert.equal(decodeEvent(reason(0)).reason, "");
    refuses(
      () => decodeEvent(reason(65)),
      EBB_DEVICE_REGISTRY_ERROR__CORRUPT_ACCOUNT,
    );
  });
});

describe("of a transaction's logs", () => {
  const ours = key(9);
  const other = key(8);

  function line(subject: Address): string {
    const bytes = getEventEncoder().encode({ ...event, subject });
    return `Program data: ${base64(bytes)}`;
  }

  function base64(bytes: ReadonlyUint8Array): string {
    return getBase64Decoder().decode(bytes);
  }

  test("only the program on top of the stack is believed", () => {
    const logs = [
      `Program ${other} invoke [1]`,
      line(other),
      `Program ${ours} invoke [2]`,
      `Program log: Program ${other} invoke [3]`,
      line(ours),
      `Program ${other} invoke [3]`,
      line(other),
      `Program ${other} success`,
      line(ours),
      `Program ${ours} consumed 900 of 200000 compute units`,
      `Program ${ours} success`,
      line(other),
      `Program ${other} success`,
    ];
    const { events, truncated } = readEvents(logs, ours);
    assert.equal(truncated, false);
    assert.deepEqual(
      events.map(({ subject }) => subject),
      [ours, ours],
    );
    assert.deepEqual(readEvents(logs), { events: [], truncated: false });
  });

  test("a failed call leaves the stack too", () => {
    const logs = [
      `Program ${ours} invoke [1]`,
      `Program ${other} invoke [2]`,
      `Program ${other} failed: custom program error: 0x1770`,
      line(ours),
      `Program ${ours} success`,
    ];
    assert.equal(readEvents(logs, ours).events.length, 1);
  });

  test("nothing is believed after the place where logs were cut", () => {
    const logs = [
      `Program ${ours} invoke [1]`,
      line(ours),
      "Program log: Log truncated",
      `Program log: a\nProgram ${ours} success`,
      line(ours),
      "Log truncated",
      line(ours),
    ];
    const { events, truncated } = readEvents(logs, ours);
    assert.equal(events.length, 2);
    assert.equal(truncated, true);
  });

  test("a detail is a field of its own", () => {
    const created = find(fixture, "device-created").data;
    const fields = [created.slice(0, -32), created.slice(-32)].map(base64);
    const logs = [
      `Program ${ours} invoke [1]`,
      `Program data: ${fields.join(" ")}`,
    ];
    const { events } = readEvents(logs, ours);
    assert.deepEqual(events, [decodeEvent(created)]);
  });

  test("a text in the form of a call hides nothing", () => {
    const logs = [
      `Program ${ours} invoke [1]`,
      "Program log: invoke [2]",
      line(ours),
    ];
    assert.equal(readEvents(logs, ours).events.length, 1);
  });

  test("nothing is read behind what a node left out", () => {
    // The called program's first line did not fit, and its data did.
    const logs = [
      `Program ${ours} invoke [1]`,
      line(ours),
      "Log truncated",
      "Program data: AA==",
    ];
    const { events, truncated } = readEvents(logs, ours);
    assert.equal(events.length, 1);
    assert.equal(truncated, true);
  });

  test("what the program cannot have logged is an error", () => {
    for (const text of ["not base64!", base64(data.slice(0, -1))]) {
      const logs = [`Program ${ours} invoke [1]`, `Program data: ${text}`];
      refuses(
        () => readEvents(logs, ours),
        EBB_DEVICE_REGISTRY_ERROR__CORRUPT_ACCOUNT,
      );
    }
  });
});
