/**
 * The story of a drain on a validator of its own, through `@solana/kit`.
 *
 * Runs only with `EBB_VALIDATOR_URL`; `EBB_UPGRADE_AUTHORITY` names the key pair
 * of the program's upgrade authority. `npm run test:validator` starts such a validator.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import {
  appendTransactionMessageInstruction,
  createKeyPairSignerFromBytes,
  createSolanaRpc,
  createTransactionMessage,
  generateKeyPairSigner,
  getBase64EncodedWireTransaction,
  getBase64Encoder,
  getSignatureFromTransaction,
  isSolanaError,
  lamports,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
  type Address,
  type Instruction,
  type KeyPairSigner,
  type Signature,
} from "@solana/kit";

import {
  DeviceType,
  EBB_DEVICE_REGISTRY_ERROR__SESSIONS_CLOSED,
  EbbDeviceRegistryAccount,
  EventKind,
  fetchDevice,
  fetchDiskKey,
  fetchMaybeSession,
  findContributorPda,
  findDevicePda,
  findDiskKeyPdaByPath,
  findLocationPda,
  findSessionPda,
  getActivateDeviceInstructionAsync,
  getCloseSessionInstruction,
  getCreateContributorInstructionAsync,
  getCreateDeviceInstructionAsync,
  getCreateLocationInstructionAsync,
  getDrainDeviceInstruction,
  getInitializeInstructionAsync,
  getOpenSessionInstructionAsync,
  getRegisterDiskKeyInstruction,
  HoldKind,
  isDrained,
  isEbbDeviceRegistryError,
  parseCountry,
  parseIpv4,
  ProvisioningStatus,
  readAccount,
  readEvents,
  Role,
  type Event,
} from "../src/index.js";

const url = process.env["EBB_VALIDATOR_URL"];
const commitment = "confirmed";
const config = { commitment } as const;

describe("on a validator", { skip: url === undefined }, () => {
  const rpc = createSolanaRpc(url ?? "http://127.0.0.1:8899");

  let upgradeAuthority: KeyPairSigner;
  let authority: KeyPairSigner;
  let contributorAuthority: KeyPairSigner;
  let agent: KeyPairSigner;
  let payer: KeyPairSigner;
  let user: Address;
  let contributor: Address;
  let location: Address;
  let device: Address;
  let session: Address;

  before(async () => {
    const path = process.env["EBB_UPGRADE_AUTHORITY"];
    assert(path !== undefined, "EBB_UPGRADE_AUTHORITY names no key pair");
    const bytes = JSON.parse(await readFile(path, "utf8"));
    upgradeAuthority = await createKeyPairSignerFromBytes(
      Uint8Array.from(bytes),
    );
    [authority, contributorAuthority, agent, payer] = await Promise.all([
      generateKeyPairSigner(),
      generateKeyPairSigner(),
      generateKeyPairSigner(),
      generateKeyPairSigner(),
    ]);
    user = (await generateKeyPairSigner()).address;
    [contributor] = await findContributorPda({ code: "co01" });
    [location] = await findLocationPda({ code: "ams" });
    [device] = await findDevicePda({ code: "ams-dz001" });
    [session] = await findSessionPda({ device, user });
    await confirmed(
      await rpc
        .requestAirdrop(payer.address, lamports(10_000_000_000n), config)
        .send(),
    );
  });

  test("a device goes into service", async () => {
    await send(
      await getInitializeInstructionAsync({
        upgradeAuthority,
        payer,
        authority: authority.address,
        healthOracle: authority.address,
        requireHealthy: false,
      }),
    );
    await send(
      await getCreateContributorInstructionAsync({
        registryAuthority: authority,
        payer,
        code: "co01",
        authority: contributorAuthority.address,
      }),
    );
    await send(
      await getCreateLocationInstructionAsync({
        authority,
        payer,
        code: "ams",
        name: "Amsterdam",
        country: parseCountry("NL"),
        latitude: 52_300_000,
        longitude: 4_940_000,
        minActivated: 0,
      }),
    );
    await send(
      await getCreateDeviceInstructionAsync({
        contributorAuthority,
        payer,
        contributor,
        location,
        code: "ams-dz001",
        deviceType: DeviceType.Hybrid,
        publicIp: parseIpv4("195.219.138.50"),
        maxSessions: 128,
        agent: agent.address,
      }),
    );
    await send(
      await getActivateDeviceInstructionAsync({
        authority,
        device,
        location,
        contributor,
        expect: { status: ProvisioningStatus.Pending },
      }),
    );
    await send(
      await getOpenSessionInstructionAsync({ agent, payer, device, user }),
    );

    const { data } = await fetchDevice(rpc, device, config);
    assert.equal(data.code, "ams-dz001");
    assert.equal(data.provisioningStatus, ProvisioningStatus.Activated);
    assert.equal(data.sessions, 1);
  });

  test("it drains, with a reason and a deadline", async () => {
    const signature = await send(
      getDrainDeviceInstruction({
        drainer: contributorAuthority,
        device,
        location,
        credential: contributor,
        expect: { status: ProvisioningStatus.Activated, generation: 1 },
        deadlineSeconds: 3600,
        plannedReturnSeconds: 0,
        force: false,
        reason: "rack 12 power",
      }),
    );

    const { data } = await fetchDevice(rpc, device, config);
    assert.equal(data.provisioningStatus, ProvisioningStatus.Draining);
    assert.equal(data.drain.reason, "rack 12 power");
    assert.equal(data.drain.role, Role.Contributor);
    assert.equal(data.drain.startedBy, contributorAuthority.address);
    assert.equal(data.drain.reasonBy, contributorAuthority.address);
    assert.equal(data.drain.reasonRole, Role.Contributor);
    assert.equal(data.drain.deadlineBy, contributorAuthority.address);
    assert.equal(data.drain.deadlineRole, Role.Contributor);
    assert.equal(data.drain.sessionsAtStart, 1);
    assert.equal(data.drain.deadline, data.drain.startedAt + 3600n);
    assert.equal(isDrained(data), false);

    const [event, ...others] = await eventsOf(signature);
    assert.deepEqual(others, []);
    assert.deepEqual(event, {
      kind: EventKind.DrainStarted,
      version: 1,
      role: Role.Contributor,
      forced: false,
      reserved: new Uint8Array(3),
      holdKind: HoldKind.None,
      from: BigInt(ProvisioningStatus.Activated),
      to: BigInt(ProvisioningStatus.Draining),
      sequence: data.sequence,
      slot: data.drain.startedSlot,
      time: data.drain.startedAt,
      subject: device,
      actor: contributorAuthority.address,
      related: location,
      reason: "rack 12 power",
      detail: new Uint8Array(0),
    });
  });

  test("it takes no new session", async () => {
    const other = (await generateKeyPairSigner()).address;
    const instruction = await getOpenSessionInstructionAsync({
      agent,
      payer,
      device,
      user: other,
    });
    await assert.rejects(send(instruction), (error) => {
      assert(
        isSolanaError(
          error,
          SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
        ),
      );
      return isEbbDeviceRegistryError(
        error.cause,
        { instructions: [instruction] },
        EBB_DEVICE_REGISTRY_ERROR__SESSIONS_CLOSED,
      );
    });
  });

  test("it is drained when the last session leaves", async () => {
    const opened = await fetchMaybeSession(rpc, session, config);
    assert(opened.exists);
    assert.equal(opened.data.payer, payer.address);
    await send(
      getCloseSessionInstruction({
        closer: agent,
        device,
        session,
        rentRecipient: opened.data.payer,
      }),
    );

    const { data } = await fetchDevice(rpc, device, config);
    assert.equal(isDrained(data), true);
    const closed = await fetchMaybeSession(rpc, session, config);
    assert.equal(closed.exists, false);
  });

  test("a disk key lies where its path says", async () => {
    const path = "/dev/disk/by-id/nvme-0";
    const [diskKey] = await findDiskKeyPdaByPath({ device, path });
    await send(
      getRegisterDiskKeyInstruction({
        custodian: authority,
        // While the device drains its agent alone may not.
        owner: contributorAuthority,
        contributor,
        payer,
        device,
        diskKey,
        path,
        commitment: new Uint8Array(32).fill(7),
      }),
    );

    const { data } = await fetchDiskKey(rpc, diskKey, config);
    assert.equal(data.path, path);
    assert.equal(data.custodian, authority.address);
  });

  test("its history has no gap", async () => {
    const signatures = await rpc.getSignaturesForAddress(device, config).send();
    const events: Event[] = [];
    for (const { err, signature } of [...signatures].reverse()) {
      if (err === null) events.push(...(await eventsOf(signature)));
    }
    const own = events.filter(({ subject }) => subject === device);
    assert.deepEqual(
      own.map(({ kind }) => EventKind[kind]),
      [
        "DeviceCreated",
        "DeviceActivated",
        "SessionOpened",
        "DrainStarted",
        "SessionClosed",
        "DiskKeyRegistered",
      ],
    );
    assert.deepEqual(
      own.map(({ sequence }) => sequence),
      [1n, 2n, 3n, 4n, 5n, 6n],
    );
  });

  test("a strict reading sees the same device", async () => {
    const { value } = await rpc
      .getAccountInfo(device, { ...config, encoding: "base64" })
      .send();
    assert(value !== null);
    const account = readAccount(getBase64Encoder().encode(value.data[0]));
    assert(account.type === EbbDeviceRegistryAccount.Device);
    assert.deepEqual(
      account.data,
      (await fetchDevice(rpc, device, config)).data,
    );
  });

  async function send(instruction: Instruction): Promise<Signature> {
    const { value: blockhash } = await rpc.getLatestBlockhash(config).send();
    const transaction = await pipe(
      createTransactionMessage({ version: 0 }),
      (message) => setTransactionMessageFeePayerSigner(payer, message),
      (message) =>
        setTransactionMessageLifetimeUsingBlockhash(blockhash, message),
      (message) => appendTransactionMessageInstruction(instruction, message),
      signTransactionMessageWithSigners,
    );
    const wire = getBase64EncodedWireTransaction(transaction);
    await rpc
      .sendTransaction(wire, {
        encoding: "base64",
        preflightCommitment: commitment,
      })
      .send();
    return await confirmed(getSignatureFromTransaction(transaction));
  }

  async function confirmed(signature: Signature): Promise<Signature> {
    for (let tries = 0; tries < 300; tries += 1) {
      const { value } = await rpc.getSignatureStatuses([signature]).send();
      const status = value[0];
      if (status && status.confirmationStatus !== "processed") {
        assert.equal(status.err, null);
        return signature;
      }
      await sleep(100);
    }
    throw new Error(`not confirmed: ${signature}`);
  }

  async function eventsOf(signature: Signature): Promise<Event[]> {
    const transaction = await rpc
      .getTransaction(signature, {
        ...config,
        encoding: "json",
        maxSupportedTransactionVersion: 0,
      })
      .send();
    const { events, truncated } = readEvents(
      transaction?.meta?.logMessages ?? [],
    );
    assert.equal(truncated, false);
    return events;
  }
});
