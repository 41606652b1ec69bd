//! Deploying the program by transaction, and upgrading it.
//!
//! The code goes into a buffer account in some hundred transactions, then one makes it the program's.
//! The buffer's address follows from authority and code, so a deployment that was cut off goes on
//! where it stopped when it is asked for again, and what is written already is not written twice.

mod account;
mod batch;
mod error;
mod loader;
mod upload;

pub(super) use account::deployed_slot;
pub use error::DeployError;

use {
    super::{
        send::{OUTAGE_LIMIT, POLL},
        RpcLedger,
    },
    crate::ledger::{Ledger, LedgerError, Receipt},
    account::Installed,
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_sdk::signer::Signer,
    tokio::time::{sleep, timeout},
    upload::Upload,
};

/// What is deployed where, and who signs.
#[derive(Clone, Copy)]
pub struct Deployment<'a> {
    /// The compiled program.
    pub elf: &'a [u8],
    /// The program's address.
    pub program_id: &'a Pubkey,
    /// The key of that address. Only the first deployment takes it.
    pub program_key: Option<&'a (dyn Signer + Sync)>,
    /// Becomes the program's upgrade authority, or is it already.
    pub authority: &'a (dyn Signer + Sync),
    /// Pays fees and rent; what the buffer's rent leaves over comes back to it.
    pub fee_payer: &'a (dyn Signer + Sync),
}

/// How far a deployment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes of the code are in the buffer. The first report counts what was there before.
    Uploading {
        /// The buffer.
        buffer: Pubkey,
        /// Bytes written.
        done: usize,
        /// Bytes in all.
        total: usize,
    },
    /// The program's account grows by so many bytes.
    Extending {
        /// By how many.
        bytes: u32,
    },
    /// The code becomes the program's.
    Installing,
}

/// What a deployment came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deployed {
    /// There is a program now where there was none.
    Created(Receipt),
    /// The program has other code now.
    Upgraded(Receipt),
    /// The program had this code; nothing was sent.
    Unchanged,
}

/// Deploys a program, or upgrades it if there is one, and returns once it can be called.
///
/// `progress` is called with how far it is, from the same task.
///
/// The development id must be named by [`RpcLedger::program_id`] on a cluster that everybody uses.
///
/// # Errors
/// All of [`DeployError`]. None undoes what was uploaded: asking again goes on from there.
pub async fn deploy(
    ledger: &RpcLedger,
    deployment: Deployment<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Deployed, DeployError> {
    account::check_elf(deployment.elf)?;
    ledger.check_id(deployment.program_id).await?;
    let authority = deployment
        .authority
        .try_pubkey()
        .map_err(LedgerError::from)?;
    let installed = account::installed(ledger, deployment.program_id).await?;
    match &installed {
        Installed::Nothing { .. } => deployment.check_program_key()?,
        Installed::Program { code, .. } => {
            // Whoever asks: it is up to date.
            if account::is_code(code, deployment.elf) {
                return Ok(Deployed::Unchanged);
            }
            installed.check_authority(deployment.program_id, &authority)?;
        }
    }

    let upload = Upload::new(ledger, deployment, progress)?;
    upload.run().await?;
    match installed {
        Installed::Nothing { lamports } => {
            let receipt = create(ledger, deployment, upload.buffer(), lamports, progress).await?;
            Ok(Deployed::Created(receipt))
        }
        Installed::Program { code, .. } => {
            extend(ledger, deployment, code.len(), progress).await?;
            progress(Progress::Installing);
            let payer = upload.fee_payer();
            let upgrade =
                loader::upgrade(deployment.program_id, upload.buffer(), &authority, payer);
            let signers = [deployment.fee_payer, deployment.authority];
            let receipt = install(ledger, &[upgrade], &signers).await?;
            Ok(Deployed::Upgraded(receipt))
        }
    }
}

impl Deployment<'_> {
    fn check_program_key(&self) -> Result<(), DeployError> {
        let key = self
            .program_key
            .ok_or(DeployError::ProgramKeyMissing(*self.program_id))?;
        if key.try_pubkey().map_err(LedgerError::from)? != *self.program_id {
            return Err(DeployError::ProgramKeyMissing(*self.program_id));
        }
        if self.fee_payer.try_pubkey().map_err(LedgerError::from)? == *self.program_id {
            return Err(DeployError::ProgramPays(*self.program_id));
        }
        Ok(())
    }
}

async fn create(
    ledger: &RpcLedger,
    deployment: Deployment<'_>,
    buffer: &Pubkey,
    lamports: u64,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Receipt, DeployError> {
    progress(Progress::Installing);
    let rent = ledger.rent(loader::PROGRAM_LEN).await?;
    let instructions = loader::deploy(
        &deployment
            .fee_payer
            .try_pubkey()
            .map_err(LedgerError::from)?,
        deployment.program_id,
        buffer,
        &deployment
            .authority
            .try_pubkey()
            .map_err(LedgerError::from)?,
        rent.saturating_sub(lamports),
        deployment.elf.len(),
    )?;
    let mut signers = vec![deployment.fee_payer, deployment.authority];
    signers.extend(deployment.program_key);
    install(ledger, &instructions, &signers).await
}

/// Makes room for code that is longer than what was there. The loader allows one change a slot.
async fn extend(
    ledger: &RpcLedger,
    deployment: Deployment<'_>,
    room: usize,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(), DeployError> {
    let Some(bytes) = loader::extension(room, deployment.elf.len()) else {
        return Ok(());
    };
    progress(Progress::Extending { bytes });
    let payer = deployment
        .fee_payer
        .try_pubkey()
        .map_err(LedgerError::from)?;
    let extend = loader::extend(deployment.program_id, &payer, bytes);
    install(ledger, &[extend], &[deployment.fee_payer]).await?;
    Ok(())
}

/// Sends a transaction that changes the program, and waits for the slot after it: only from then on
/// can the program be called or changed again.
async fn install(
    ledger: &RpcLedger,
    instructions: &[Instruction],
    signers: &[&(dyn Signer + Sync)],
) -> Result<Receipt, DeployError> {
    let receipt = ledger
        .send(instructions, signers)
        .await
        .map_err(DeployError::of_loader)?;
    let next_slot = async {
        while ledger.now().await?.slot <= receipt.slot {
            sleep(POLL).await;
        }
        Ok(())
    };
    match timeout(OUTAGE_LIMIT, next_slot).await {
        Ok(outcome) => outcome.map(|()| receipt),
        Err(_) => Err(DeployError::Stalled),
    }
}
