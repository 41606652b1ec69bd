//! Closing the sessions that a drain's deadline left open.

#[cfg(test)]
mod tests;

use {
    super::{pack::pack, progress::Progress},
    crate::closing,
    ebb_sdk::{
        client::{Client, Closing},
        instruction::{close_session, Expect},
        ledger::LedgerError,
        lifecycle::is_evictable,
        state::{DeviceHead, ProvisioningStatus},
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
    std::slice,
};

/// How often a refusal is taken for a race with another party before it is believed.
const RACES: u32 = 5;

/// Who evicts.
pub struct Evictor<'a> {
    /// Signs as contributor, operator or authority.
    pub signer: &'a (dyn Signer + Sync),
    /// Pays the fees.
    pub fee_payer: &'a (dyn Signer + Sync),
}

/// Whether others than the agent may close sessions of a draining device at `now` (Unix seconds).
pub fn may_evict(device: &DeviceHead, now: i64) -> bool {
    device.provisioning_status == ProvisioningStatus::Draining && is_evictable(device, now)
}

/// Evicts every session of a device, several to a transaction, and counts them in `progress`. What
/// another party closes first is left out and the rest tried again; a device that may no longer be
/// evicted ends it without an error.
pub async fn evict(
    client: &Client,
    device: &Pubkey,
    credential: &Pubkey,
    by: &Evictor<'_>,
    progress: &mut Progress,
) -> Result<(), LedgerError> {
    let mut lost = None;
    for _ in 0..RACES {
        let Some(refusal) = evict_once(client, device, credential, by, progress).await? else {
            return Ok(());
        };
        let now = client.ledger().now().await?.time;
        let found = client.device(device).await?;
        if !found.is_some_and(|found| may_evict(&found.account.head, now)) {
            return Ok(());
        }
        lost = Some(refusal);
    }
    lost.map_or(Ok(()), Err)
}

/// Reads the sessions and closes them, up to the first refusal.
async fn evict_once(
    client: &Client,
    device: &Pubkey,
    credential: &Pubkey,
    by: &Evictor<'_>,
    progress: &mut Progress,
) -> Result<Option<LedgerError>, LedgerError> {
    let expect = Expect {
        status: Some(ProvisioningStatus::Draining),
        generation: Some(progress.last().generation),
        // The sessions are the device's, and most go by the hundred: what no session can outlive is left out.
        ..Expect::default()
    };
    let sessions = client.sessions(Some(device)).await?.items;
    let evictions = sessions
        .iter()
        .map(|session| {
            let (user, payer) = (&session.account.user, session.account.payer);
            let closing = Closing {
                account: session.address,
                recipient: payer,
            };
            let close = close_session(
                client.program_id(),
                &by.signer.pubkey(),
                device,
                user,
                &payer,
                Some(credential),
                expect,
            );
            (close, closing)
        })
        .collect();
    let payer = by.fee_payer.pubkey();
    for run in pack(evictions, |(close, _)| slice::from_ref(close), &payer) {
        let sessions = u32::try_from(run.len()).unwrap_or(u32::MAX);
        let (run, closings): (Vec<_>, Vec<_>) = run.into_iter().unzip();
        progress.evicting(sessions);
        let sent = client
            .send_closing(&run, &closings, &[by.fee_payer, by.signer])
            .await;
        progress.evicting(0);
        match sent {
            Ok((_, added)) => {
                closing::report(&added);
                progress.evicted(sessions);
            }
            Err(refusal @ LedgerError::Refused { .. }) => return Ok(Some(refusal)),
            // The next look tells what became of it, and closing twice is refused.
            Err(LedgerError::Unconfirmed(_)) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}
