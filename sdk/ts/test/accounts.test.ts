/** Every account reads from the bytes that Rust writes, and writes them back. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { Address, ReadonlyUint8Array } from "@solana/kit";

import {
  DeviceType,
  EBB_DEVICE_REGISTRY_ERROR__CORRUPT_ACCOUNT,
  EBB_DEVICE_REGISTRY_ERROR__UNSUPPORTED_VERSION,
  EBB_DEVICE_REGISTRY_ERROR__WRONG_ACCOUNT_TYPE,
  EbbDeviceRegistryAccount as Type,
  EbbError,
  findContributorPda,
  findDevicePda,
  findDiskKeyPdaByPath,
  findLocationPda,
  findRegistryPda,
  findSessionPda,
  getContributorEncoder,
  getDeviceEncoder,
  getDiskKeyEncoder,
  getLocationEncoder,
  getRegistryEncoder,
  getSessionEncoder,
  Health,
  HoldKind,
  identifyEbbDeviceRegistryAccount,
  isDrained,
  parseCountry,
  parseIpv4,
  ProvisioningStatus,
  readAccount,
  Role,
  type EbbAccount,
  type Hold,
} from "../src/index.js";
import { find, key, readFixture } from "./fixture.js";

const fixture = readFixture("accounts.txt");

function holds(): Hold[] {
  const roles = [Role.Contributor, Role.Operator, Role.Authority, Role.Agent];
  return Array.from({ length: 8 }, (_, number) => ({
    expiresAt: 1_800_000_000n + BigInt(number),
    id: 0x0a00 + number,
    kind: number % 2 === 0 ? HoldKind.CriticalTraffic : HoldKind.PendingTask,
    role: roles[number % 4] ?? Role.None,
    reason: `hold ${number}`,
    reserved: 0,
    placedBy: key(0x80 + number),
  }));
}

const values: Record<string, EbbAccount> = {
  registry: {
    type: Type.Registry,
    data: {
      discriminator: 1,
      version: 1,
      requireHealthy: true,
      bump: 255,
      authority: key(1),
      nominee: key(3),
      healthOracle: key(2),
      contributors: 0x0102_0304,
      locations: 0x0506_0708,
      reserved: new Uint8Array(4),
      sequence: 0x1112_1314_1516_1718n,
    },
  },
  contributor: {
    type: Type.Contributor,
    data: {
      discriminator: 2,
      version: 1,
      suspended: true,
      bump: 254,
      authority: key(1),
      nominee: key(2),
      operator: key(3),
      devices: 0x0102_0304,
      registrations: 0x1112_1314_1516_1718n,
      sequence: 0x2122_2324_2526_2728n,
      code: "co01",
    },
  },
  location: {
    type: Type.Location,
    data: {
      discriminator: 3,
      version: 1,
      country: parseCountry("BR"),
      latitude: -23_550_520,
      longitude: -46_633_308,
      minActivated: 3,
      devices: 7,
      activated: 5,
      draining: 2,
      bump: 253,
      reserved: new Uint8Array(3),
      sequence: 0x1112_1314_1516_1718n,
      code: "gru",
      name: "São Paulo",
    },
  },
  device: {
    type: Type.Device,
    data: {
      discriminator: 4,
      version: 1,
      provisioningStatus: ProvisioningStatus.Draining,
      health: Health.Unhealthy,
      contributor: key(1),
      location: key(2),
      publicIp: parseIpv4("195.219.138.50"),
      maxSessions: 0x0102_0304,
      sessions: 0x0506_0708,
      diskKeys: 32,
      nextHoldId: 0x0a0b_0c0d,
      generation: 1_000n,
      sequence: 1_001n,
      createdSlot: 1_002n,
      createdAt: 1_003n,
      statusChangedSlot: 1_004n,
      statusChangedAt: 1_005n,
      statusChangedSequence: 1_006n,
      healthReportedSlot: 1_007n,
      healthReportedAt: 1_008n,
      healthReportedSequence: 1_009n,
      agent: key(4),
      payer: key(3),
      healthReportedBy: Role.HealthOracle,
      bump: 252,
      deviceType: DeviceType.Transit,
      reserved: new Uint8Array(5),
      drain: {
        startedSlot: 1_010n,
        startedAt: 1_011n,
        deadline: 1_012n,
        plannedReturn: 1_013n,
        sessionsAtStart: 1_014,
        role: Role.Operator,
        reasonRole: Role.Contributor,
        deadlineRole: Role.Authority,
        reason: "rack 12, power",
        startedBy: key(5),
        reasonBy: key(6),
        deadlineBy: key(7),
      },
      holds: holds(),
      code: "ams-dz001",
    },
  },
  session: {
    type: Type.Session,
    data: {
      discriminator: 5,
      version: 1,
      device: key(1),
      user: key(2),
      payer: key(3),
      bump: 251,
      reserved: new Uint8Array(5),
      openedSlot: 1_000n,
      openedAt: -1n,
    },
  },
  "disk-key": {
    type: Type.DiskKey,
    data: {
      discriminator: 6,
      version: 1,
      device: key(1),
      custodian: key(2),
      payer: key(3),
      commitment: new Uint8Array(32).fill(4),
      bump: 250,
      reserved: new Uint8Array(5),
      registeredSlot: 1_000n,
      registeredAt: 1_001n,
      path: "/dev/disk/by-id/ä",
    },
  },
};

function encode(account: EbbAccount): ReadonlyUint8Array {
  switch (account.type) {
    case Type.Registry:
      return getRegistryEncoder().encode(account.data);
    case Type.Contributor:
      return getContributorEncoder().encode(account.data);
    case Type.Location:
      return getLocationEncoder().encode(account.data);
    case Type.Device:
      return getDeviceEncoder().encode(account.data);
    case Type.Session:
      return getSessionEncoder().encode(account.data);
    case Type.DiskKey:
      return getDiskKeyEncoder().encode(account.data);
  }
}

describe("an account is what Rust writes", () => {
  for (const [name, { data }] of fixture) {
    test(name, () => {
      const value = values[name];
      assert(value !== undefined, `${name} is not written here`);
      assert.deepEqual(readAccount(data), value);
      assert.deepEqual(encode(value), data);
      assert.equal(identifyEbbDeviceRegistryAccount(data), value.type);
    });
  }

  test("none is written that the fixture lacks", () => {
    assert.deepEqual(Object.keys(values).sort(), [...fixture.keys()].sort());
  });
});

describe("an account is where Rust derives it", () => {
  const ledger = readFixture("ledger.txt");

  async function derive(account: EbbAccount): Promise<Address> {
    const derived = await {
      [Type.Registry]: () => findRegistryPda(),
      [Type.Contributor]: findContributorPda,
      [Type.Location]: findLocationPda,
      [Type.Device]: findDevicePda,
      [Type.Session]: findSessionPda,
      [Type.DiskKey]: findDiskKeyPdaByPath,
    }[account.type](account.data as never);
    const [address, bump] = derived;
    assert.equal(bump, account.data.bump);
    return address;
  }

  for (const [name, { address, data }] of ledger) {
    test(name, async () => {
      assert.equal(await derive(readAccount(data)), address);
    });
  }

  test("with everything that the program wrote", () => {
    const account = readAccount(find(ledger, "device").data);
    assert(account.type === Type.Device);
    const { data } = account;
    assert.equal(data.provisioningStatus, ProvisioningStatus.Draining);
    assert.equal(data.health, Health.Healthy);
    assert.equal(data.healthReportedBy, Role.HealthOracle);
    assert.equal(data.drain.role, Role.Operator);
    assert.equal(data.drain.reasonRole, Role.Operator);
    assert.equal(data.drain.deadlineRole, Role.Operator);
    assert.equal(data.drain.reasonBy, data.drain.startedBy);
    assert.equal(data.drain.deadlineBy, data.drain.startedBy);
    assert.equal(data.sessions, 1);
    assert.equal(isDrained(data), false);
    assert.equal(isDrained({ ...data, sessions: 0 }), true);
    const kinds = data.holds.map(({ kind }) => kind);
    assert.deepEqual(kinds.slice(0, 3), [
      HoldKind.CriticalTraffic,
      HoldKind.PendingTask,
      HoldKind.None,
    ]);
  });
});

describe("reading is strict", () => {
  const corrupt = EBB_DEVICE_REGISTRY_ERROR__CORRUPT_ACCOUNT;

  function changed(name: string, change: (bytes: Uint8Array) => void) {
    const bytes = Uint8Array.from(find(fixture, name).data);
    change(bytes);
    return bytes;
  }

  function refuses(data: ReadonlyUint8Array, code: number) {
    assert.throws(
      () => readAccount(data),
      (error) => error instanceof EbbError && error.code === code,
    );
  }

  for (const [name, { data }] of fixture) {
    test(`${name}: truncated`, () => {
      for (let length = 0; length < data.length; length += 1) {
        refuses(data.slice(0, length), corrupt);
      }
    });

    test(`${name}: more than zeros behind it`, () => {
      const longer = new Uint8Array(data.length + 3);
      longer.set(data);
      assert.deepEqual(readAccount(longer), values[name]);
      longer[data.length + 2] = 1;
      refuses(longer, corrupt);
    });

    test(`${name}: another version or type`, () => {
      const version = (version: number) =>
        changed(name, (bytes) => (bytes[1] = version));
      refuses(version(0), corrupt);
      refuses(version(2), EBB_DEVICE_REGISTRY_ERROR__UNSUPPORTED_VERSION);
      for (const type of [0, 7, 255]) {
        refuses(
          changed(name, (bytes) => (bytes[0] = type)),
          EBB_DEVICE_REGISTRY_ERROR__WRONG_ACCOUNT_TYPE,
        );
      }
    });
  }

  test("an unknown value", () => {
    const status = 2;
    refuses(
      changed("device", (bytes) => (bytes[status] = 5)),
      corrupt,
    );
    const suspended = 2;
    refuses(
      changed("contributor", (bytes) => (bytes[suspended] = 2)),
      corrupt,
    );
  });

  test("a text that no program lays down", () => {
    const code = find(fixture, "contributor").data.length - 1;
    refuses(
      changed("contributor", (bytes) => (bytes[code] = 0xff)),
      corrupt,
    );
    const device = find(fixture, "device").data;
    const reason = Buffer.from(device).indexOf("rack 12, power");
    const padding = reason + "rack 12, power".length;
    refuses(
      changed("device", (bytes) => (bytes[padding] = 1)),
      corrupt,
    );
    refuses(
      changed("device", (bytes) => (bytes[reason - 1] = 65)),
      corrupt,
    );
  });

  test("bytes of a larger buffer are read as their own", () => {
    const { data } = find(fixture, "device");
    const buffer = new Uint8Array(data.length + 9).fill(0xee);
    buffer.set(data, 5);
    const view = buffer.subarray(5, 5 + data.length);
    assert.deepEqual(readAccount(view), values["device"]);
  });
});
