//! The codes that a ledger held when it was last read, in a file that only its user may read.

use {
    super::kind::CodeKind,
    crate::input::config::Target,
    directories::ProjectDirs,
    ebb_folder::{Access, Folder, Lock},
    solana_sdk::{hash::hashv, pubkey::Pubkey},
    std::{path, time::Duration},
};

/// A file with a code on each line. Its name is a hash, as a URL may contain a secret.
pub struct Cache {
    folder: Folder,
    name: String,
}

impl Cache {
    /// The codes of one kind that a program has on a ledger; `None` if there is no home directory.
    pub fn of(kind: CodeKind, ledger: &Target, program_id: &Pubkey) -> Option<Self> {
        let ledger = match ledger {
            Target::Embedded(dir) => path::absolute(dir).ok()?.into_os_string(),
            Target::Cluster(url, _) => url.expose().to_owned().into(),
        };
        let parts = [
            ledger.as_encoded_bytes(),
            b"\n",
            program_id.as_ref(),
            kind.as_str().as_bytes(),
        ];
        let dir = ProjectDirs::from("", "", "ebb")?;
        Some(Self {
            folder: Folder::new(dir.cache_dir().join("completion"), Access::Private),
            name: hashv(&parts).to_string(),
        })
    }

    /// The codes, if there are any.
    pub fn read(&self) -> Option<Vec<String>> {
        let content = self.folder.read(&self.name).ok()??;
        let text = String::from_utf8(content).ok()?;
        Some(text.lines().map(str::to_owned).collect())
    }

    /// Keeps other processes from reading the ledger for this cache too; `None` if one does, or if there can be no cache.
    pub fn lock(&self) -> Option<Lock> {
        self.folder.create().ok()?;
        let name = format!("{}.lock", self.name);
        self.folder.lock(name, Duration::ZERO).ok()?
    }

    /// Replaces the codes. A cache that cannot be written is none.
    pub fn write(&self, codes: &[String]) {
        let text = codes.join("\n");
        let written = self.folder.create();
        let _ = written.and_then(|()| self.folder.write(&self.name, &[text.as_bytes()]));
    }
}
