/** Every instruction, built here, is what the Rust builders make: same data, same accounts. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createNoopSigner, type Address, type Instruction } from "@solana/kit";

import {
  DeviceType,
  EBB_DEVICE_REGISTRY_PROGRAM_ADDRESS,
  EbbDeviceRegistryInstruction,
  findContributorPda,
  findDevicePda,
  findDiskKeyPdaByPath,
  findLocationPda,
  findProgramDataPda,
  findRegistryPda,
  findSessionPda,
  getAcceptAuthorityInstructionAsync,
  getAcceptContributorAuthorityInstruction,
  getActivateDeviceInstructionAsync,
  getCloseSessionInstruction,
  getCreateContributorInstructionAsync,
  getCreateDeviceInstructionAsync,
  getCreateLocationInstructionAsync,
  getDestroyDiskKeyInstruction,
  getDrainDeviceInstruction,
  getExpectCodec,
  getInitializeInstructionAsync,
  getNominateAuthorityInstructionAsync,
  getNominateContributorAuthorityInstruction,
  getOpenSessionInstructionAsync,
  getPlaceHoldInstruction,
  getReassignCustodianInstructionAsync,
  getRegisterDiskKeyInstruction,
  getReleaseHoldInstruction,
  getRemoveDeviceInstruction,
  getReportHealthInstruction,
  getResumeContributorInstructionAsync,
  getRetireDeviceInstruction,
  getSetAgentInstruction,
  getSetBudgetInstructionAsync,
  getSetHealthOracleInstructionAsync,
  getSetOperatorInstruction,
  getSetPolicyInstructionAsync,
  getSuspendContributorInstructionAsync,
  getUndrainDeviceInstructionAsync,
  getUpdateDeviceInstruction,
  getUpdateDrainInstruction,
  Health,
  HoldKind,
  identifyEbbDeviceRegistryInstruction,
  parseCountry,
  parseEbbDeviceRegistryInstruction,
  parseIpv4,
  ProvisioningStatus,
} from "../src/index.js";
import { find, key, readFixture } from "./fixture.js";

const fixture = readFixture("instructions.txt");

function signerAt(name: string, position: number) {
  return createNoopSigner(addressAt(name, position));
}

function addressAt(name: string, position: number): Address {
  const account = find(fixture, name).accounts[position];
  assert(account !== undefined, `${name} has no account ${position}`);
  return account.address;
}

// Keys are the fixture's own; addresses that derive are derived.
const upgradeAuthority = signerAt("initialize", 0);
const payer = signerAt("initialize", 1);
const authority = signerAt("set-policy", 0);
const oracle = signerAt("report-oracle", 0);
const contributorAuthority = signerAt("create-device", 0);
const operator = signerAt("drain-operator", 0);
const agent = signerAt("report-agent", 0);
const custodian = signerAt("destroy-disk-key", 0);
const successor = signerAt("accept", 0);
const user = key(100);
const path = "/dev/disk/by-id/0";

const [registry] = await findRegistryPda();
const [contributor] = await findContributorPda({ code: "co01" });
const [location] = await findLocationPda({ code: "ams" });
const [device] = await findDevicePda({ code: "ams-dz001" });
const [session] = await findSessionPda({ device, user });
const [diskKey] = await findDiskKeyPdaByPath({ device, path });

const drain = {
  device,
  location,
  deadlineSeconds: 600,
  plannedReturnSeconds: 7_200,
  force: false,
  reason: "rack power",
};
const updateDrain = {
  device,
  deadlineSeconds: 900,
  plannedReturnSeconds: 0,
  reason: "rack power",
};
const updateDevice = {
  contributorAuthority,
  device,
  contributor,
  publicIp: parseIpv4("203.0.113.7"),
  maxSessions: 9,
};
const undrain = { device, location, contributor };
const remove = { device, location, contributor, rentRecipient: payer.address };
const hold = {
  device,
  kind: HoldKind.PendingTask,
  durationSeconds: 60,
  reason: "backup of /var/log",
};
const release = { device, id: 1 };
const report = { device, health: Health.Unhealthy };
const close = { device, session, rentRecipient: payer.address };
const register = {
  custodian,
  payer,
  device,
  diskKey,
  path,
  commitment: new Uint8Array(32).fill(200),
};
const destroy = { custodian, device, diskKey, rentRecipient: payer.address };

const built: Record<string, Instruction | Promise<Instruction>> = {
  initialize: getInitializeInstructionAsync({
    upgradeAuthority,
    payer,
    authority: authority.address,
    healthOracle: oracle.address,
    requireHealthy: false,
  }),
  "set-policy": getSetPolicyInstructionAsync({
    authority,
    requireHealthy: true,
  }),
  "set-oracle": getSetHealthOracleInstructionAsync({
    authority,
    healthOracle: successor.address,
  }),
  nominate: getNominateAuthorityInstructionAsync({
    authority,
    nominee: successor.address,
  }),
  accept: getAcceptAuthorityInstructionAsync({ nominee: successor }),
  "create-contributor": getCreateContributorInstructionAsync({
    registryAuthority: authority,
    payer,
    code: "co09",
    authority: successor.address,
  }),
  suspend: getSuspendContributorInstructionAsync({ authority, contributor }),
  resume: getResumeContributorInstructionAsync({ authority, contributor }),
  "set-operator": getSetOperatorInstruction({
    contributorAuthority,
    contributor,
    operator: successor.address,
  }),
  "nominate-own": getNominateContributorAuthorityInstruction({
    authority: contributorAuthority,
    contributor,
    credential: contributor,
    nominee: successor.address,
  }),
  "nominate-for": getNominateContributorAuthorityInstruction({
    authority,
    contributor,
    credential: registry,
    nominee: successor.address,
  }),
  "accept-contributor": getAcceptContributorAuthorityInstruction({
    nominee: successor,
    contributor,
  }),
  "create-location": getCreateLocationInstructionAsync({
    authority,
    payer,
    code: "lon",
    name: "Amsterdam",
    country: parseCountry("NL"),
    latitude: 52_300_000,
    longitude: 4_940_000,
    minActivated: 3,
  }),
  "set-budget": getSetBudgetInstructionAsync({
    authority,
    location,
    minActivated: 3,
  }),
  "create-device": getCreateDeviceInstructionAsync({
    contributorAuthority,
    payer,
    contributor,
    location,
    code: "ams-dz001",
    deviceType: DeviceType.Edge,
    publicIp: parseIpv4("195.219.138.50"),
    maxSessions: 4,
    agent: agent.address,
  }),
  "update-device": getUpdateDeviceInstruction(updateDevice),
  "relocate-device": getUpdateDeviceInstruction({
    ...updateDevice,
    fromLocation: location,
    toLocation: addressAt("relocate-device", 4),
  }),
  activate: getActivateDeviceInstructionAsync({
    authority,
    device,
    location,
    contributor,
  }),
  "drain-contributor": getDrainDeviceInstruction({
    ...drain,
    drainer: contributorAuthority,
    credential: contributor,
  }),
  "drain-operator": getDrainDeviceInstruction({
    ...drain,
    drainer: operator,
    credential: contributor,
  }),
  "drain-authority": getDrainDeviceInstruction({
    ...drain,
    drainer: authority,
    credential: registry,
    force: true,
  }),
  "update-drain-contributor": getUpdateDrainInstruction({
    ...updateDrain,
    drainer: contributorAuthority,
    credential: contributor,
  }),
  "update-drain-operator": getUpdateDrainInstruction({
    ...updateDrain,
    drainer: operator,
    credential: contributor,
  }),
  "update-drain-authority": getUpdateDrainInstruction({
    ...updateDrain,
    drainer: authority,
    credential: registry,
  }),
  "undrain-contributor": getUndrainDeviceInstructionAsync({
    ...undrain,
    drainer: contributorAuthority,
  }),
  "undrain-operator": getUndrainDeviceInstructionAsync({
    ...undrain,
    drainer: operator,
  }),
  "undrain-authority": getUndrainDeviceInstructionAsync({
    ...undrain,
    drainer: authority,
  }),
  "retire-contributor": getRetireDeviceInstruction({
    owner: contributorAuthority,
    device,
    location,
    credential: contributor,
  }),
  "retire-authority": getRetireDeviceInstruction({
    owner: authority,
    device,
    location,
    credential: registry,
  }),
  "remove-contributor": getRemoveDeviceInstruction({
    ...remove,
    owner: contributorAuthority,
    credential: contributor,
  }),
  "remove-authority": getRemoveDeviceInstruction({
    ...remove,
    owner: authority,
    credential: registry,
  }),
  "set-agent-contributor": getSetAgentInstruction({
    owner: contributorAuthority,
    device,
    credential: contributor,
    oldAgent: agent,
    agent: successor.address,
  }),
  "set-agent-authority": getSetAgentInstruction({
    owner: authority,
    device,
    credential: registry,
    agent: successor.address,
  }),
  "report-agent": getReportHealthInstruction({ ...report, reporter: agent }),
  "report-oracle": getReportHealthInstruction({
    ...report,
    reporter: oracle,
    registry,
  }),
  "report-authority": getReportHealthInstruction({
    ...report,
    reporter: authority,
    registry,
  }),
  "hold-agent": getPlaceHoldInstruction({ ...hold, placer: agent }),
  "hold-contributor": getPlaceHoldInstruction({
    ...hold,
    placer: contributorAuthority,
    credential: contributor,
  }),
  "hold-operator": getPlaceHoldInstruction({
    ...hold,
    placer: operator,
    credential: contributor,
  }),
  "hold-authority": getPlaceHoldInstruction({
    ...hold,
    placer: authority,
    credential: registry,
  }),
  "release-agent": getReleaseHoldInstruction({ ...release, releaser: agent }),
  "release-contributor": getReleaseHoldInstruction({
    ...release,
    releaser: contributorAuthority,
    credential: contributor,
  }),
  "release-operator": getReleaseHoldInstruction({
    ...release,
    releaser: operator,
    credential: contributor,
  }),
  "release-authority": getReleaseHoldInstruction({
    ...release,
    releaser: authority,
    credential: registry,
  }),
  "open-session": getOpenSessionInstructionAsync({
    agent,
    payer,
    device,
    user,
  }),
  "close-session-agent": getCloseSessionInstruction({
    ...close,
    closer: agent,
  }),
  "evict-contributor": getCloseSessionInstruction({
    ...close,
    closer: contributorAuthority,
    credential: contributor,
  }),
  "evict-operator": getCloseSessionInstruction({
    ...close,
    closer: operator,
    credential: contributor,
  }),
  "evict-authority": getCloseSessionInstruction({
    ...close,
    closer: authority,
    credential: registry,
  }),
  "register-disk-key-agent": getRegisterDiskKeyInstruction({
    ...register,
    owner: agent,
  }),
  "register-disk-key-contributor": getRegisterDiskKeyInstruction({
    ...register,
    owner: contributorAuthority,
    contributor,
  }),
  "destroy-disk-key": getDestroyDiskKeyInstruction(destroy),
  "destroy-last-disk-key": getDestroyDiskKeyInstruction(destroy),
  "reassign-custodian": getReassignCustodianInstructionAsync({
    authority,
    device,
    diskKey,
    custodian: successor.address,
  }),
};

describe("an instruction is what Rust builds", () => {
  for (const [name, entry] of fixture) {
    test(name, async () => {
      const instruction = await built[name];
      assert(instruction !== undefined, `${name} is not built here`);
      const { accounts = [], data } = instruction;
      assert.equal(
        instruction.programAddress,
        EBB_DEVICE_REGISTRY_PROGRAM_ADDRESS,
      );
      assert.deepEqual(data, entry.data);
      assert.deepEqual(
        accounts.map(({ address, role }) => ({ address, role })),
        entry.accounts,
      );
    });
  }

  test("none is built that the fixture lacks", () => {
    assert.deepEqual(Object.keys(built).sort(), [...fixture.keys()].sort());
  });

  test("every number is there, and parses", () => {
    const numbers = [...fixture.values()].map(({ accounts, data }) => {
      const { instructionType } = parseEbbDeviceRegistryInstruction({
        programAddress: EBB_DEVICE_REGISTRY_PROGRAM_ADDRESS,
        accounts,
        data,
      });
      assert.equal(instructionType, identifyEbbDeviceRegistryInstruction(data));
      assert.equal(instructionType, data[0]);
      return instructionType;
    });
    const known = Object.values(EbbDeviceRegistryInstruction).filter(
      (value) => typeof value === "number",
    );
    assert.deepEqual([...new Set(numbers)], known);
  });
});

test("what is expected of a device is Borsh's options", () => {
  const codec = getExpectCodec();
  assert.deepEqual([...codec.encode({})], [0, 0, 0, 0]);
  const status = ProvisioningStatus.Draining;
  assert.deepEqual([...codec.encode({ status })], [1, 2, 0, 0, 0]);
  assert.deepEqual(
    [
      ...codec.encode({
        status,
        generation: 0x0102_0304,
        contributor: key(7),
        sequence: 5,
      }),
    ],
    [1, 2, 1, 4, 3, 2, 1, 0, 0, 0, 0, 1]
      .concat(Array(32).fill(7))
      .concat([1, 5, 0, 0, 0, 0, 0, 0, 0]),
  );
});

test("addresses derive under the program that is called", async () => {
  const programAddress = key(7);
  const { accounts, ...instruction } = await getInitializeInstructionAsync(
    {
      upgradeAuthority,
      payer,
      authority: authority.address,
      healthOracle: oracle.address,
      requireHealthy: false,
    },
    { programAddress },
  );
  const [registry] = await findRegistryPda({ programAddress });
  const [programData] = await findProgramDataPda({ program: programAddress });
  assert.equal(instruction.programAddress, programAddress);
  assert.equal(accounts[2].address, registry);
  assert.equal(accounts[3].address, programAddress);
  assert.equal(accounts[4].address, programData);

  const opened = await getOpenSessionInstructionAsync(
    { agent, payer, device, user },
    { programAddress },
  );
  const [session] = await findSessionPda({ device, user }, { programAddress });
  assert.equal(opened.accounts[3].address, session);
});
