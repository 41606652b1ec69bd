//! A device and all that the rules ask of it.

use {
    crate::{
        context::Context,
        error::CliError,
        resolve,
        role::{Credential, Roles},
        value::Identifier,
        view::device::DeviceView,
    },
    ebb_sdk::{
        client::Keyed,
        instruction::Expect,
        lifecycle::{check_release_hold, permit, Action, Facts},
        state::{Contributor, Device, DeviceHead, Hold, Location, ProvisioningStatus, Registry},
        EbbError, Role,
    },
    solana_sdk::pubkey::Pubkey,
    std::rc::Rc,
};

/// A device as it was read, with the accounts that decide what may be done to it.
pub struct Subject {
    /// The device.
    pub device: Keyed<Device>,
    /// Its owner, which devices that are read together share.
    pub contributor: Rc<Keyed<Contributor>>,
    /// Its metro, shared as well.
    pub location: Rc<Keyed<Location>>,
    /// The registry.
    pub registry: Registry,
    /// When they were read, in Unix seconds.
    pub now: i64,
}

impl Subject {
    /// Reads a device and what it names.
    pub async fn read(context: &Context, identifier: &Identifier) -> Result<Self, CliError> {
        let device = resolve::device(context, identifier).await?;
        Self::around(context, device).await
    }

    /// The same with the device read again at `now` (Unix seconds).
    pub fn seen_again(&self, device: Keyed<Device>, now: i64) -> Self {
        Self {
            device,
            contributor: Rc::clone(&self.contributor),
            location: Rc::clone(&self.location),
            registry: self.registry,
            now,
        }
    }

    /// The same with every hold released that a signer in `role` may release.
    pub fn after_release(&self, role: Role, signer: &Pubkey) -> Self {
        let mut device = self.device.clone();
        for hold in device.account.head.holds.iter_mut() {
            if check_release_hold(hold, role, signer).is_ok() {
                *hold = Hold::default();
            }
        }
        self.seen_again(device, self.now)
    }

    async fn around(context: &Context, device: Keyed<Device>) -> Result<Self, CliError> {
        let head = &device.account.head;
        let at = Identifier::Address;
        Ok(Self {
            contributor: resolve::contributor(context, &at(head.contributor))
                .await?
                .into(),
            location: resolve::location(context, &at(head.location)).await?.into(),
            registry: resolve::registry(context).await?,
            now: context.now().await?.time,
            device,
        })
    }

    /// The device's fixed part.
    pub fn head(&self) -> &DeviceHead {
        &self.device.account.head
    }

    /// Its code.
    pub fn code(&self) -> &str {
        &self.device.account.code
    }

    /// Its status.
    pub fn status(&self) -> ProvisioningStatus {
        self.head().provisioning_status
    }

    /// What a step expects of it that must not fail because a user came or left meanwhile.
    pub fn expect(&self) -> Expect {
        Expect::in_status(self.head())
    }

    /// The same for one of many such steps: a credential that is the device's contributor names it already.
    pub fn expect_under(&self, credential: &Credential) -> Expect {
        let expect = self.expect();
        Expect {
            contributor: expect.contributor.filter(|it| *it != credential.address),
            ..expect
        }
    }

    /// What a step expects whose signature is good for what was shown only. What lands at once is read at once;
    /// what others sign or send may land after another party's change, so it expects that there was none.
    pub fn expect_shown(&self, context: &Context) -> Expect {
        if context.is_prepared() {
            Expect::as_read(self.head())
        } else {
            self.expect()
        }
    }

    /// What to say of a change that voids the device's proof of health: nothing, unless it has one and the policy asks
    /// for it.
    pub fn lost_proof(&self) -> &'static str {
        match self.registry.require_healthy && self.head().is_health_proven() {
            true => "; its proof of health is void, so the oracle or the authority must report it healthy again",
            false => "",
        }
    }

    /// What the guards ask about.
    pub fn facts(&self, force: bool) -> Facts {
        Facts::of(self.head(), self.now)
            .with_contributor(&self.contributor.account.head)
            .with_policy(&self.registry)
            .with_location(&self.location.account.head)
            .with_force(force)
    }

    /// The role in which a key does something that these roles may do.
    pub fn credential(
        &self,
        context: &Context,
        signer: &Pubkey,
        allowed: &[Role],
        force: bool,
    ) -> Result<Credential, CliError> {
        self.roles(context).choose(signer, allowed, force)
    }

    /// The roles that keys have on it.
    pub fn roles<'a>(&'a self, context: &'a Context) -> Roles<'a> {
        Roles {
            program_id: context.program_id(),
            contributor: &self.contributor,
            registry: &self.registry,
        }
    }

    /// Where an action leads from here, if the rules permit it to `role` now.
    pub fn permit(
        &self,
        action: Action,
        role: Role,
        force: bool,
    ) -> Result<Option<ProvisioningStatus>, EbbError> {
        permit(action, Some(self.status()), role, &self.facts(force))
    }

    /// What people and scripts see of it.
    pub fn view(&self) -> DeviceView {
        let (contributor, location) = (&self.contributor.account.code, &self.location.account.code);
        DeviceView::new(&self.device, contributor, location, self.now)
    }
}
