//! Writing the code into the buffer.
//!
//! A write puts the same bytes in the same place however often it runs, so what counts is what the
//! buffer holds: it is read, what differs is written, and so on until nothing does.

use {
    super::{
        account::state,
        batch::WriteBatch,
        loader::{self, Buffer},
        DeployError, Deployment, Progress,
    },
    crate::{
        ledger::{sign, Ledger, LedgerError, MAX_TRANSACTION_LEN},
        rpc::{compute_unit_limit, send::ATTEMPTS, RpcLedger},
    },
    solana_loader_v3_interface::state::UpgradeableLoaderState as State,
    solana_message::{Hash, Message},
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{signer::Signer, transaction::VersionedTransaction},
};

/// The length of an instruction's data takes one byte, and two from 128 on.
const LEN_BYTES: usize = 1;

pub struct Upload<'a> {
    ledger: &'a RpcLedger,
    deployment: Deployment<'a>,
    authority: Pubkey,
    fee_payer: Pubkey,
    buffer: Buffer,
    /// How many bytes a transaction takes.
    step: usize,
    progress: &'a (dyn Fn(Progress) + Sync),
}

impl<'a> Upload<'a> {
    pub fn new(
        ledger: &'a RpcLedger,
        deployment: Deployment<'a>,
        progress: &'a (dyn Fn(Progress) + Sync),
    ) -> Result<Self, DeployError> {
        let key = |signer: &(dyn Signer + Sync)| signer.try_pubkey().map_err(LedgerError::from);
        let authority = key(deployment.authority)?;
        let mut upload = Self {
            ledger,
            deployment,
            authority,
            fee_payer: key(deployment.fee_payer)?,
            buffer: Buffer::of(&authority, deployment.elf)?,
            step: 0,
            progress,
        };
        let empty = upload.signed(&upload.write(0), Hash::default())?;
        let len = wincode::serialized_size(&empty)
            .map_err(|error| LedgerError::Other(error.to_string()))?;
        let taken = usize::try_from(len)
            .unwrap_or(MAX_TRANSACTION_LEN)
            .saturating_add(LEN_BYTES);
        upload.step = MAX_TRANSACTION_LEN.saturating_sub(taken).max(1);
        Ok(upload)
    }

    pub fn buffer(&self) -> &Pubkey {
        &self.buffer.address
    }

    pub fn fee_payer(&self) -> &Pubkey {
        &self.fee_payer
    }

    /// Writes until the buffer holds the code.
    pub async fn run(&self) -> Result<(), DeployError> {
        let mut missing = self.missing().await?;
        let mut failures = 0;
        while !missing.is_empty() {
            let before = missing.len();
            self.write_all(&missing).await?;
            missing = self.missing().await?;
            failures = if missing.len() < before {
                0
            } else {
                failures + 1
            };
            if failures == ATTEMPTS {
                return Err(DeployError::Stalled);
            }
        }
        Ok(())
    }

    /// The offsets of what the buffer does not hold. Makes the buffer if there is none.
    async fn missing(&self) -> Result<Vec<usize>, DeployError> {
        let elf = self.deployment.elf;
        let found = self.ledger.accounts(&[self.buffer.address]).await?;
        let account = found.into_iter().flatten().next().unwrap_or_default();
        let written = match state(&account) {
            Some(State::Buffer { authority_address })
                if authority_address == Some(self.authority)
                    && account.data.len() == State::size_of_buffer(elf.len()) =>
            {
                account.data.get(State::size_of_buffer_metadata()..)
            }
            None if account.data.is_empty() => {
                self.create(account.lamports).await?;
                None
            }
            _ => return Err(DeployError::BufferTaken(self.buffer.address)),
        };
        let mut done = 0;
        let mut missing = Vec::new();
        for (number, chunk) in elf.chunks(self.step).enumerate() {
            let offset = number.saturating_mul(self.step);
            let there = written.and_then(|bytes| bytes.get(offset..)?.get(..chunk.len()));
            // A new buffer is all zeros.
            let same = there.map_or_else(|| chunk.iter().all(|byte| *byte == 0), |it| it == chunk);
            if same {
                done += chunk.len();
            } else {
                missing.push(offset);
            }
        }
        self.report(done);
        Ok(missing)
    }

    async fn create(&self, lamports: u64) -> Result<(), DeployError> {
        let len = self.deployment.elf.len();
        let rent = self.ledger.rent(State::size_of_buffer(len)).await?;
        let shortfall = rent.saturating_sub(lamports);
        let create = self
            .buffer
            .create(&self.fee_payer, &self.authority, shortfall, len)?;
        let signers = [self.deployment.fee_payer, self.deployment.authority];
        self.ledger.send(&create, &signers).await?;
        Ok(())
    }

    /// Writes the chunks at these offsets. The first one with preflight, which reports errors; the
    /// others all at once, as a write that is lost shows when the buffer is read.
    async fn write_all(&self, offsets: &[usize]) -> Result<(), DeployError> {
        let Some((first, rest)) = offsets.split_first() else {
            return Ok(());
        };
        let signers = [self.deployment.fee_payer, self.deployment.authority];
        self.ledger.send(&[self.write(*first)], &signers).await?;

        let (blockhash, last_valid_block_height) = self.ledger.blockhash_to_sign_with().await?;
        let mut batch = WriteBatch::new(self.ledger, last_valid_block_height);
        for offset in rest {
            batch.add(self.signed(&self.write(*offset), blockhash)?);
        }
        let missing: usize = offsets.iter().map(|offset| self.chunk(*offset).len()).sum();
        let written = self.deployment.elf.len().saturating_sub(missing);
        let landed = |count: usize| {
            let bytes = count.saturating_add(1).saturating_mul(self.step);
            self.report(written.saturating_add(bytes.min(missing)));
        };
        batch.run(&landed).await?;
        Ok(())
    }

    fn write(&self, offset: usize) -> Instruction {
        loader::write(
            &self.buffer.address,
            &self.authority,
            offset,
            self.chunk(offset),
        )
    }

    fn chunk(&self, offset: usize) -> &[u8] {
        let rest = self.deployment.elf.get(offset..).unwrap_or_default();
        rest.get(..self.step).unwrap_or(rest)
    }

    fn signed(
        &self,
        write: &Instruction,
        blockhash: Hash,
    ) -> Result<VersionedTransaction, DeployError> {
        let limit = compute_unit_limit(loader::UNITS);
        let all = self.ledger.budgeted(std::slice::from_ref(write), limit);
        let message = Message::new_with_blockhash(&all, Some(&self.fee_payer), &blockhash);
        Ok(sign(
            message,
            &[self.deployment.fee_payer, self.deployment.authority],
        )?)
    }

    fn report(&self, done: usize) {
        (self.progress)(Progress::Uploading {
            buffer: self.buffer.address,
            done,
            total: self.deployment.elf.len(),
        });
    }
}
