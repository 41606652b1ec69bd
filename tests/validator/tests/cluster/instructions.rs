//! Every instruction, as integrators send it.

use {
    crate::shared,
    ebb_sdk::{
        client::Client,
        instruction::*,
        ledger::Receipt,
        pda,
        state::{DeviceType, Health, HoldKind, ProvisioningStatus},
        EbbError,
    },
    ebb_validator_tests::Network,
    solana_sdk::{instruction::Instruction, pubkey::Pubkey, signature::Keypair, signer::Signer},
    std::collections::BTreeSet,
    ProvisioningStatus::{Activated, Draining, Pending, Retired, Retiring},
};

const CODE: &str = "ams-dz001";
const PATH: &str = "/dev/disk/by-id/1";
const DEADLINE: u32 = 600;

/// Sends, and notes the numbers of what was sent.
struct Sender<'a> {
    network: &'a Network,
    client: Client,
    /// `Initialize` was sent when the network was founded.
    sent: BTreeSet<u8>,
}

impl Sender<'_> {
    async fn send(
        &mut self,
        instruction: Result<Instruction, EbbError>,
        signers: &[&(dyn Signer + Sync)],
    ) -> Receipt {
        let instruction = instruction.expect("the builder takes these values");
        self.sent.insert(instruction.data[0]);
        let mut all: Vec<&(dyn Signer + Sync)> = vec![&self.network.payer];
        all.extend(signers);
        let sent = self.client.send(&[instruction], &all).await;
        sent.expect("the program accepts it")
    }

    async fn expect_status(&self, status: ProvisioningStatus) {
        let device = pda::device(&self.network.program_id, CODE).0;
        let head = self.network.read(&device).await;
        assert_eq!(head.provisioning_status, status);
    }
}

#[tokio::test]
async fn every_instruction_runs() {
    let network = &shared().await.tour;
    let mut ebb = Sender {
        network,
        client: network.client(),
        sent: BTreeSet::from([0]),
    };
    let contributor = network_and_contributor(&mut ebb).await;
    device(&mut ebb, &contributor).await;
    assert_eq!(ebb.sent, (0..30).collect());
}

/// The registry's and the contributor's instructions. Returns the contributor's authority.
async fn network_and_contributor(ebb: &mut Sender<'_>) -> Keypair {
    let network = ebb.network;
    let (id, authority, oracle) = (network.program_id, &network.authority, &network.oracle);
    let by = authority.pubkey();

    ebb.send(Ok(set_policy(&id, &by, true)), &[authority]).await;
    let successor = Keypair::new();
    for reporter in [&successor, oracle] {
        let set = set_health_oracle(&id, &by, &reporter.pubkey());
        ebb.send(set, &[authority]).await;
    }
    ebb.send(
        nominate_authority(&id, &by, Some(&successor.pubkey())),
        &[authority],
    )
    .await;
    ebb.send(
        Ok(accept_authority(&id, &successor.pubkey())),
        &[&successor],
    )
    .await;
    let registry = ebb.client.registry().await.expect("it can be read");
    let registry = registry.expect("it is initialised");
    assert_eq!(registry.authority, successor.pubkey());
    assert!(registry.require_healthy);
    // And back.
    let back = nominate_authority(&id, &successor.pubkey(), Some(&by));
    ebb.send(back, &[&successor]).await;
    ebb.send(Ok(accept_authority(&id, &by)), &[authority]).await;

    let (first, owner, operator) = (Keypair::new(), Keypair::new(), Keypair::new());
    let contributor = pda::contributor(&id, "co01").0;
    ebb.send(network.create_contributor("co01", &first), &[authority])
        .await;
    ebb.send(
        Ok(suspend_contributor(&id, &by, &contributor)),
        &[authority],
    )
    .await;
    ebb.send(Ok(resume_contributor(&id, &by, &contributor)), &[authority])
        .await;
    let nominate = nominate_contributor_authority(
        &id,
        &first.pubkey(),
        &contributor,
        &contributor,
        Some(&owner.pubkey()),
    );
    ebb.send(nominate, &[&first]).await;
    let accept = accept_contributor_authority(&id, &owner.pubkey(), &contributor);
    ebb.send(Ok(accept), &[&owner]).await;
    let operate = set_operator(&id, &owner.pubkey(), &contributor, Some(&operator.pubkey()));
    ebb.send(operate, &[&owner]).await;
    let found = ebb.client.contributor(&contributor).await;
    let found = found.expect("it can be read").expect("it is there").account;
    assert_eq!(found.head.authority, owner.pubkey());
    assert_eq!(found.head.operator, operator.pubkey());

    ebb.send(network.create_location("ams"), &[authority]).await;
    let location = pda::location(&id, "ams").0;
    ebb.send(Ok(set_budget(&id, &by, &location, 1)), &[authority])
        .await;
    ebb.send(Ok(set_budget(&id, &by, &location, 0)), &[authority])
        .await;
    owner
}

/// A device's life, from its registration to its removal.
async fn device(ebb: &mut Sender<'_>, owner: &Keypair) {
    let network = ebb.network;
    let id = network.program_id;
    let (authority, oracle, payer) = (&network.authority, &network.oracle, network.payer.pubkey());
    let by = owner.pubkey();
    let contributor = pda::contributor(&id, "co01").0;
    let (location, device) = (pda::location(&id, "ams").0, pda::device(&id, CODE).0);
    let any = Expect::default();
    let (first_agent, agent, user) = (Keypair::new(), Keypair::new(), Pubkey::new_unique());
    let (custodian, next_custodian) = (Keypair::new(), Keypair::new());

    let create = network.create_device(CODE, owner, &contributor, &location, &first_agent);
    ebb.send(create, &[owner]).await;
    ebb.expect_status(Pending).await;
    let args = UpdateDevice {
        public_ip: Some([195, 219, 138, 51]),
        ..UpdateDevice::default()
    };
    let update = update_device(&id, &by, &device, &contributor, None, args);
    ebb.send(update, &[owner]).await;
    let set = set_agent(&id, &by, &device, &contributor, None, &agent.pubkey(), any);
    ebb.send(set, &[owner]).await;
    let args = RegisterDiskKey {
        expect: any,
        path: PATH.into(),
        commitment: [7; 32],
    };
    let register = register_disk_key(
        &id,
        &custodian.pubkey(),
        &agent.pubkey(),
        &payer,
        &device,
        None,
        args,
    );
    ebb.send(register, &[&custodian, &agent]).await;
    let report = report_health(&id, &oracle.pubkey(), &device, false, Health::Healthy, any);
    ebb.send(Ok(report), &[oracle]).await;
    let activate = network.activate(&device, &contributor, &location);
    ebb.send(activate, &[authority]).await;
    ebb.expect_status(Activated).await;

    let open = open_session(&id, &agent.pubkey(), &payer, &device, &user, any);
    ebb.send(open, &[&agent]).await;
    let args = PlaceHold {
        expect: any,
        kind: HoldKind::PendingTask,
        duration_seconds: 3_600,
        reason: "backup of /var/log".into(),
    };
    let hold = place_hold(&id, &agent.pubkey(), &device, None, args);
    ebb.send(hold, &[&agent]).await;
    let head = network.read(&device).await;
    let held = head.holds.iter().next().expect("a slot").id;
    let release = release_hold(&id, &by, &device, Some(&contributor), held, any);
    ebb.send(Ok(release), &[owner]).await;

    let drain = |reason: &str| {
        let args = DrainDevice {
            deadline_seconds: DEADLINE,
            reason: reason.into(),
            ..DrainDevice::default()
        };
        drain_device(&id, &by, &device, &location, &contributor, args)
    };
    ebb.send(drain("rack power"), &[owner]).await;
    ebb.expect_status(Draining).await;
    let report = report_health(&id, &oracle.pubkey(), &device, false, Health::Healthy, any);
    ebb.send(Ok(report), &[oracle]).await;
    let undrain = undrain_device(&id, &by, &device, &location, &contributor, any);
    ebb.send(Ok(undrain), &[owner]).await;
    ebb.expect_status(Activated).await;
    ebb.send(drain("rack power, again"), &[owner]).await;
    let args = UpdateDrain {
        deadline_seconds: Some(2 * DEADLINE),
        ..UpdateDrain::default()
    };
    ebb.send(
        update_drain(&id, &by, &device, &contributor, args),
        &[owner],
    )
    .await;
    let head = network.read(&device).await;
    let ahead = head.drain.deadline - head.drain.started_at;
    assert!(ahead >= i64::from(2 * DEADLINE), "{ahead} s");

    let close = close_session(&id, &agent.pubkey(), &device, &user, &payer, None, any);
    ebb.send(Ok(close), &[&agent]).await;
    assert!(network.read(&device).await.is_drained());
    let retire = retire_device(&id, &by, &device, &location, &contributor, any);
    ebb.send(Ok(retire), &[owner]).await;
    ebb.expect_status(Retiring).await;
    let next = next_custodian.pubkey();
    let reassign = reassign_custodian(&id, &authority.pubkey(), &device, PATH, &next, any);
    ebb.send(reassign, &[authority]).await;
    let destroy = destroy_disk_key(&id, &next, &device, PATH, &payer, any);
    ebb.send(Ok(destroy), &[&next_custodian]).await;
    ebb.expect_status(Retired).await;

    let head = network.read(&device).await;
    assert_eq!(head.device_type, DeviceType::Hybrid);
    // One for each that was sent to it.
    assert_eq!(head.sequence, 18);
    let remove = remove_device(
        &id,
        &by,
        &device,
        &location,
        &contributor,
        &payer,
        &contributor,
        any,
    );
    ebb.send(Ok(remove), &[owner]).await;
    let found = ebb.client.device(&device).await.expect("an answer");
    assert_eq!(found, None);
}
