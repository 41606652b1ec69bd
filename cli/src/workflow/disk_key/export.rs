//! Taking a disk's key out of the store.

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value::Identifier,
        render,
        terminal::{self, status, Terminal},
        workflow::disk_key::{
            disk::{self, commitment, registered, DiskScope},
            store::{SecretArgs, StoreArgs},
        },
    },
    base64::{prelude::BASE64_STANDARD, Engine},
    ebb_keystore::{KeyRecord, Material},
    serde::Serialize,
    std::{
        fs::{self, OpenOptions},
        io::{self, Write},
        path::Path,
    },
};

/// Which key is taken out of which store, and where it goes.
pub struct KeyExport<'a> {
    pub device: &'a Identifier,
    pub path: &'a str,
    /// A new file; stdout if there is none.
    pub out: Option<&'a Path>,
    pub secret: &'a SecretArgs,
    pub store: &'a StoreArgs,
}

/// A key that was taken out of the store, and where it is: in a file, or here.
#[derive(Serialize)]
struct ExportView<'a> {
    code: &'a str,
    path: &'a str,
    commitment: String,
    bytes: usize,
    #[serde(flatten)]
    destination: Destination,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Destination {
    Out(String),
    KeyBase64(String),
}

/// Prints the key of a disk, or writes it to `out`.
pub async fn export(args: &KeyExport<'_>, context: &Context) -> Result<Exit, CliError> {
    check_out(args.out)?;
    let (address, device) = disk::device(context, args.device).await?;
    let disk = DiskScope::read(context).await?.disk(&address, args.path);
    let store = args.store.open()?;
    let key = match &store {
        Some(store) => store.usable_key(&disk)?,
        None => None,
    };
    let (Some(store), Some(key)) = (store, key) else {
        return Err(CliError::not_found(format!(
            "the key store in {} has no key for {} of {}",
            args.store.dir()?.display(),
            args.path,
            args.device
        ))
        .hint("what it has, and the chain: ebb disk-key list"));
    };
    match device {
        None => status(format_args!(
            "note: there is no device {} any more",
            args.device
        )),
        Some(_) => match registered(context, &disk).await? {
            Some(found) if commitment(&found.account) == key.commitment => {}
            Some(_) => status("note: another key is registered for it on chain"),
            None => status("note: it is not registered on chain"),
        },
    }
    let material = args.secret.unlock(context, &store)?.material(&key)?;
    match args.out {
        None if context.output.is_json() => {
            let destination = Destination::KeyBase64(BASE64_STANDARD.encode(material.expose()));
            print_json(args, context, &key, &material, destination)?;
        }
        None => terminal::bytes(material.expose())?,
        Some(out) => {
            write(out, &material)?;
            let out = out.display().to_string();
            status(format_args!(
                "wrote {} bytes to {out}",
                material.expose().len()
            ));
            if context.output.is_json() {
                print_json(args, context, &key, &material, Destination::Out(out))?;
            }
        }
    }
    Ok(Exit::DONE)
}

fn check_out(out: Option<&Path>) -> Result<(), CliError> {
    match out {
        Some(out) if out.symlink_metadata().is_ok() => Err(exists(out)),
        None if Terminal::detect().stdout => Err(CliError::usage(
            "stdout is a terminal, and a key does not belong on one",
        )
        .hint("write it to a file (--out FILE), or pipe it into what takes it")),
        _ => Ok(()),
    }
}

fn exists(out: &Path) -> CliError {
    CliError::usage(format!(
        "--out: {} exists, and nothing is written over",
        out.display()
    ))
}

fn write(out: &Path, material: &Material) -> Result<(), CliError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(out).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => exists(out),
        _ => CliError::usage(format!("--out: cannot make {}: {error}", out.display())),
    })?;
    file.write_all(material.expose())
        .and_then(|()| file.sync_all())
        .map_err(|error| {
            // Half a key is of no use to anybody.
            let _ = fs::remove_file(out);
            CliError::other(format!("cannot write {}: {error}", out.display()))
        })
}

fn print_json(
    args: &KeyExport<'_>,
    context: &Context,
    key: &KeyRecord,
    material: &Material,
    destination: Destination,
) -> Result<(), CliError> {
    let view = ExportView {
        code: &key.owner.code,
        path: args.path,
        commitment: key.commitment.to_string(),
        bytes: material.expose().len(),
        destination,
    };
    render::versioned(context.output, &view)
}
