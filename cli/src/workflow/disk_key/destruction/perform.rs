//! Destroying one key, and attesting that it is destroyed.

use {
    super::{Subject, Work, ACTION},
    crate::{
        context::{closing, Context},
        error::CliError,
        render::{self, Item},
        workflow::disk_key::{disk::registered, plan::Plan},
    },
    ebb_keystore::KeyRecord,
    ebb_sdk::{
        client::{Closing, Keyed},
        instruction::{self, Expect},
        ledger::{Receipt, Submission},
        state::{DiskKey, ProvisioningStatus},
    },
    solana_sdk::signer::Signer,
};

const REGISTERED: &str = "registered";
const STORED: &str = "stored";
const DESTROYED: &str = "destroyed";

impl Subject<'_> {
    /// Does what is to be done with one key. What was sent is returned too.
    pub async fn perform(
        &self,
        context: &Context,
        work: &Work,
    ) -> Result<(Item, Option<Receipt>), CliError> {
        let (result, receipt) = match self.try_perform(context, work).await {
            Ok((item, receipt)) => (Ok(item), receipt),
            Err(error) => (Err(error), None),
        };
        Ok((render::as_item(ACTION, &*self.code, result)?, receipt))
    }

    async fn try_perform(
        &self,
        context: &Context,
        work: &Work,
    ) -> Result<(Item, Option<Receipt>), CliError> {
        let (code, path) = (&*self.code, &work.disk.path);
        let plan = work.plan.as_ref().map_err(Clone::clone)?;
        match plan {
            Plan::Done(at) => {
                let text = format!(
                    "{code}: the key of {path} was destroyed at {at}, and none is registered"
                );
                return Ok((Item::unchanged(ACTION, code, DESTROYED, text), None));
            }
            Plan::Destroy(key) => self.destroy_stored(context, work, key).await?,
            Plan::Discard(key) => {
                require_unregistered(context, work, code).await?;
                self.destroy_stored(context, work, key).await?;
            }
            Plan::Attest | Plan::Vouch => {}
        }
        let Some(key) = &work.registered else {
            let text = format!("{code}: destroyed the key of {path}; it was not registered");
            let item = Item::written(ACTION, code, STORED, DESTROYED, None, text);
            return Ok((item, None));
        };
        match self.attest(context, work, key).await {
            Ok(submission) => {
                let text = attested(plan, code, path);
                let item = Item::changed(ACTION, code, REGISTERED, DESTROYED, &submission, text);
                Ok((item, submission.receipt().ok()))
            }
            // Another process was faster, or it landed in spite of all.
            Err(_)
                if registered(context, &work.disk)
                    .await
                    .is_ok_and(|key| key.is_none()) =>
            {
                let text = format!("{code}: the key of {path} is destroyed and attested already");
                Ok((Item::unchanged(ACTION, code, DESTROYED, text), None))
            }
            Err(error) => Err(error.hint("its destruction is not attested yet: run this again")),
        }
    }

    /// Destroys a key in the store, once its destruction can be attested if that has to be.
    async fn destroy_stored(
        &self,
        context: &Context,
        work: &Work,
        key: &KeyRecord,
    ) -> Result<(), CliError> {
        if work.registered.is_some() {
            context.prepare_to_send().await?;
        }
        if let Some(store) = &self.unlocked {
            store.destroy(key)?;
        }
        Ok(())
    }

    async fn attest(
        &self,
        context: &Context,
        work: &Work,
        key: &Keyed<DiskKey>,
    ) -> Result<Submission, CliError> {
        let (Some(custodian), Some(device)) = (&self.custodian, &self.device) else {
            return Err(CliError::other("there is nobody to attest"));
        };
        let custodian = custodian.key();
        let instruction = instruction::destroy_disk_key(
            context.program_id(),
            &custodian.pubkey(),
            &self.address,
            &work.disk.path,
            &key.account.head.payer,
            Expect::in_status(&device.head),
        );
        let signers: [&(dyn Signer + Sync); 2] = [context.fee_payer()?, custodian];
        work.is_sent.set(true);
        let closing = Closing {
            account: key.address,
            recipient: key.account.head.payer,
        };
        closing::submit(context, instruction, closing, &signers).await
    }

    /// That the device is retired by the last of its keys.
    pub async fn retired(
        &self,
        context: &Context,
        receipt: &Receipt,
    ) -> Result<Option<Item>, CliError> {
        let found = context.client.device(&self.address).await?;
        let status = found.map(|device| device.account.head.provisioning_status);
        if status != Some(ProvisioningStatus::Retired) {
            return Ok(None);
        }
        let (from, to) = (
            ProvisioningStatus::Retiring.as_str(),
            ProvisioningStatus::Retired.as_str(),
        );
        let text = format!("{}: {from} → {to}; that was its last disk key", self.code);
        Ok(Some(Item::written(
            "retire",
            &*self.code,
            from,
            to,
            Some(&receipt.signature),
            text,
        )))
    }
}

/// Fails if a key that was to be discarded has come into use: while the question was open, or by a transaction that landed
/// late.
async fn require_unregistered(context: &Context, work: &Work, code: &str) -> Result<(), CliError> {
    if registered(context, &work.disk).await?.is_none() {
        return Ok(());
    }
    let path = &work.disk.path;
    Err(CliError::other(format!(
        "{code}: the key of {path} was registered meanwhile, and is left in the store"
    ))
    .hint("a registered key is destroyed once its device is retiring: run this again then"))
}

/// What was attested, for people.
fn attested(plan: &Plan, code: &str, path: &str) -> String {
    match plan {
        Plan::Vouch => format!("{code}: attested on your word that the key of {path} is destroyed"),
        Plan::Attest => {
            format!("{code}: attested that the key of {path} is destroyed, as it was before")
        }
        _ => format!("{code}: destroyed the key of {path}, and attested that"),
    }
}
