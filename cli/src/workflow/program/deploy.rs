//! Deploying the program, or upgrading it.

use {
    crate::{
        context::{verbose::report_cost, Context},
        error::{CliError, Exit},
        input::{key::Key, secret::KeyArg},
        render::{self, Item},
        terminal::{status, Bars},
    },
    ebb_sdk::{
        embedded::PROGRAM_ELF,
        rpc::{
            deploy::{deploy, DeployError, Deployed, Deployment, Progress},
            RpcLedger,
        },
    },
    indicatif::{ProgressBar, ProgressStyle},
    solana_sdk::{pubkey::Pubkey, signature::Keypair, signer::Signer},
    std::{borrow::Cow, fs, path::Path, sync::Arc},
};

const ACTION: &str = "deploy";
const DEPLOYED: &str = "deployed";
/// The key of the development id, which is public.
const DEV_KEY: &str = include_str!("../../../data/dev-keypair.json");

/// Deploys the program of `elf` at the address of `program_keypair`, or upgrades the one that is there.
pub async fn deploy_program(
    elf: Option<&Path>,
    program_keypair: Option<&KeyArg>,
    context: &Context,
) -> Result<Exit, CliError> {
    context.require_single(false, "a deployment takes many transactions")?;
    let program_key = read_program_key(program_keypair, context)?;
    let program_id = choose_program_id(
        program_key.as_ref().filter(|_| program_keypair.is_some()),
        context,
    )?;
    let code = program_id.to_string();
    let Some(cluster) = context.cluster() else {
        let text = "the program is there already: an embedded ledger brings it";
        let item = Item::unchanged(ACTION, context.program_id().to_string(), DEPLOYED, text);
        return render::report_item(context, ACTION, code, Ok(item));
    };
    let elf = read_elf(elf)?;
    let deployment = Deployment {
        elf: &elf,
        program_id: &program_id,
        program_key: program_key
            .as_deref()
            .map(|key| key as &(dyn Signer + Sync)),
        authority: context.signer()?,
        fee_payer: context.fee_payer()?,
    };
    render::report_item(
        context,
        ACTION,
        code,
        perform(context, cluster, deployment).await,
    )
}

fn read_elf(file: Option<&Path>) -> Result<Cow<'static, [u8]>, CliError> {
    match file {
        None => Ok(Cow::Borrowed(PROGRAM_ELF)),
        Some(file) => fs::read(file).map(Cow::Owned).map_err(|error| {
            CliError::usage(format!("--elf: cannot read {}: {error}", file.display())).hint(
                "right is what cargo build-sbf makes: --elf target/deploy/ebb_device_registry.so",
            )
        }),
    }
}

/// The key that is named; without one the development id's, if that is where the program goes.
fn read_program_key(named: Option<&KeyArg>, context: &Context) -> Result<Option<Key>, CliError> {
    match named {
        Some(source) => context.read_key("--program-keypair", source).map(Some),
        None if *context.program_id() == ebb_sdk::ID => Ok(Some(Arc::new(dev_key()?))),
        None => Ok(None),
    }
}

/// Where the program goes: the address of the key that is named, unless another is named too.
fn choose_program_id(named: Option<&Key>, context: &Context) -> Result<Pubkey, CliError> {
    let Some(key) = named else {
        return Ok(*context.program_id());
    };
    let id = key.pubkey();
    match context.named_program_id.filter(|named| *named != id) {
        None => Ok(id),
        Some(named) => Err(CliError::usage(format!(
            "--program-keypair is the key of {id}, and --program-id or EBB_PROGRAM_ID names {named}"
        ))
        .hint("name one of them")),
    }
}

fn dev_key() -> Result<Keypair, CliError> {
    solana_sdk::signature::read_keypair(&mut DEV_KEY.as_bytes())
        .map_err(|error| CliError::other(format!("the development id's key: {error}")))
}

async fn perform(
    context: &Context,
    cluster: &RpcLedger,
    deployment: Deployment<'_>,
) -> Result<Item, CliError> {
    let (id, authority) = (deployment.program_id, deployment.authority.pubkey());
    let bar = Bar::new(context.terminal.bars);
    let deployed = deploy(cluster, deployment, &|progress| bar.show(progress)).await;
    bar.bar.finish_and_clear();
    if let (true, Ok(Deployed::Created(receipt) | Deployed::Upgraded(receipt))) =
        (context.verbose, &deployed)
    {
        report_cost(cluster, receipt.clone()).await;
    }
    let has_begun = bar.has_begun();
    Ok(match deployed.map_err(|error| explain(error, has_begun))? {
        Deployed::Unchanged => {
            let text = format!("the program at {id} is this very build already");
            Item::unchanged(ACTION, id.to_string(), DEPLOYED, text)
        }
        Deployed::Created(receipt) => {
            let text =
                format!("deployed the program at {id}; its upgrade authority is {authority}");
            Item::written(
                ACTION,
                id.to_string(),
                None,
                DEPLOYED,
                Some(&receipt.signature),
                text,
            )
        }
        Deployed::Upgraded(receipt) => {
            let text = format!("upgraded the program at {id}");
            Item::written(
                ACTION,
                id.to_string(),
                DEPLOYED,
                DEPLOYED,
                Some(&receipt.signature),
                text,
            )
        }
    })
}

fn explain(error: DeployError, has_begun: bool) -> CliError {
    let text = error.to_string();
    match error {
        DeployError::Ledger(error) if has_begun => {
            CliError::from(error).hint("what is uploaded stays: run this again to go on")
        }
        DeployError::Ledger(error) => error.into(),
        DeployError::NotAProgram(_) => {
            CliError::usage(format!("--elf: {text}")).hint("cargo build-sbf makes one")
        }
        DeployError::ProgramKeyMissing(_) => CliError::usage(text)
            .hint("name its key file: --program-keypair program.json")
            .hint("make one: solana-keygen new -o program.json"),
        DeployError::ProgramPays(_) => CliError::usage(text)
            .hint("name another payer: --fee-payer, or --keypair")
            .hint("or make a key for the program alone: solana-keygen new -o program.json"),
        DeployError::WrongAuthority { .. } => {
            CliError::other(text).hint("sign with that key: --keypair")
        }
        DeployError::Stalled => CliError::other(text).hint("run this again to go on"),
        _ => CliError::other(text),
    }
}

/// How far the upload is: a bar on a terminal, lines off one.
struct Bar {
    bar: ProgressBar,
    /// What it is on, if it is shown.
    bars: Option<Bars>,
}

impl Bar {
    fn new(with_bar: bool) -> Self {
        let bars = with_bar.then(Bars::new);
        let bar = match &bars {
            Some(bars) => bars.add(ProgressBar::no_length()),
            None => ProgressBar::hidden(),
        };
        if let Ok(style) =
            ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes} {eta}")
        {
            bar.set_style(style);
        }
        Self { bar, bars }
    }

    /// Whether anything was shown.
    fn has_begun(&self) -> bool {
        !self.bar.message().is_empty()
    }

    fn show(&self, progress: Progress) {
        let text = match progress {
            Progress::Uploading { done, total, .. } => {
                self.bar
                    .set_length(u64::try_from(total).unwrap_or(u64::MAX));
                self.bar
                    .set_position(u64::try_from(done).unwrap_or(u64::MAX));
                "uploading".to_owned()
            }
            Progress::Extending { bytes } => format!("making room for {bytes} bytes more"),
            Progress::Installing => "installing".to_owned(),
        };
        if self.bar.message() != text {
            if self.bars.is_none() {
                status(&text);
            }
            self.bar.set_message(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_development_key_is_the_development_ids() {
        assert_eq!(dev_key().unwrap().pubkey(), ebb_sdk::ID);
    }
}
