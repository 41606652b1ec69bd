//! The program as people and scripts read it.

use {
    crate::render::{Record, Show},
    ebb_sdk::embedded::PROGRAM_ELF,
    serde::Serialize,
    solana_loader_v3_interface::state::UpgradeableLoaderState,
    solana_sdk::{hash::hash, pubkey::Pubkey},
};

/// A program: its build, who may upgrade it, and its security contacts.
#[derive(Serialize)]
pub struct ProgramView {
    program_id: String,
    program_data: String,
    upgrade_authority: Option<String>,
    deployed_slot: u64,
    sha256: String,
    cli_sha256: String,
    same_build: bool,
    security_txt: Option<SecurityView>,
}

/// The contacts for vulnerabilities in a program's security.txt.
#[derive(Serialize)]
struct SecurityView {
    name: String,
    contacts: Vec<String>,
    policy: String,
}

impl ProgramView {
    /// Reads a ProgramData account.
    pub fn read(program_id: &Pubkey, address: &Pubkey, data: &[u8]) -> Option<Self> {
        let (head, elf) =
            data.split_at_checked(UpgradeableLoaderState::size_of_programdata_metadata())?;
        let Ok(UpgradeableLoaderState::ProgramData {
            slot,
            upgrade_authority_address,
        }) = wincode::deserialize(head)
        else {
            return None;
        };
        let (sha256, cli_sha256) = (digest(elf), digest(PROGRAM_ELF));
        Some(Self {
            program_id: program_id.to_string(),
            program_data: address.to_string(),
            upgrade_authority: upgrade_authority_address.map(|key| key.to_string()),
            deployed_slot: slot,
            same_build: sha256 == cli_sha256,
            sha256,
            cli_sha256,
            security_txt: SecurityView::read(elf),
        })
    }
}

impl Show for ProgramView {
    fn record(&self) -> Record {
        let build = if self.same_build {
            "the one this ebb was made with".to_owned()
        } else {
            format!("not the one this ebb was made with, {}", self.cli_sha256)
        };
        let authority = self.upgrade_authority.as_deref();
        let record = Record::new()
            .text("Program", &self.program_id)
            .text("Program data", &self.program_data)
            .text(
                "Upgrade authority",
                authority.unwrap_or("none: it is final"),
            )
            .text("Deployed in slot", self.deployed_slot)
            .text("SHA-256", &self.sha256)
            .text("Build", build);
        match &self.security_txt {
            None => record,
            Some(security_txt) => record
                .text("Name", &security_txt.name)
                .text("Security contacts", security_txt.contacts.join(", "))
                .text("Security policy", &security_txt.policy),
        }
    }
}

impl SecurityView {
    fn read(elf: &[u8]) -> Option<Self> {
        let found = solana_security_txt::find_and_parse(elf).ok()?;
        let contacts = found.contacts.iter().map(ToString::to_string);
        Some(Self {
            name: found.name.to_string(),
            contacts: contacts.collect(),
            policy: found.policy.to_string(),
        })
    }
}

/// SHA-256 in hexadecimal, without the zeros at the end: a deployed program is padded with them.
fn digest(elf: &[u8]) -> String {
    let len = elf
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last.saturating_add(1));
    let digest = hash(elf.get(..len).unwrap_or_default());
    digest
        .to_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use {super::*, crate::terminal::Cell};

    fn program_data(upgrade_authority_address: Option<Pubkey>, elf: &[u8]) -> Vec<u8> {
        let head = UpgradeableLoaderState::ProgramData {
            slot: 7,
            upgrade_authority_address,
        };
        let mut data = wincode::serialize(&head).unwrap();
        data.resize(UpgradeableLoaderState::size_of_programdata_metadata(), 0);
        data.extend_from_slice(elf);
        data
    }

    #[test]
    fn padding_does_not_change_a_build() {
        let padded = [PROGRAM_ELF, &[0; 64]].concat();
        let key = ebb_sdk::ID;
        let view = ProgramView::read(&key, &key, &program_data(Some(key), &padded)).unwrap();
        assert!(view.same_build);
        let security_txt = view.security_txt.unwrap();
        assert_eq!(security_txt.name, "Ebb");
        assert_eq!(security_txt.contacts.len(), 1);
        assert_eq!(
            (view.deployed_slot, view.upgrade_authority),
            (7, Some(key.to_string()))
        );
    }

    #[test]
    fn another_build_without_authority() {
        let key = ebb_sdk::ID;
        let view = ProgramView::read(&key, &key, &program_data(None, b"elf")).unwrap();
        assert!(!view.same_build && view.upgrade_authority.is_none());
        assert!(view.security_txt.is_none());
        // printf elf | sha256sum
        assert_eq!(view.sha256.len(), 64);
        assert!(ProgramView::read(&key, &key, &[0; 10]).is_none());
        assert!(ProgramView::read(&key, &key, &[0; 100]).is_none());
    }

    #[test]
    fn a_programs_words_do_not_reach_the_terminal_as_commands() {
        let elf = b"=======BEGIN SECURITY.TXT V1=======\0name\0E\x1b[2Jbb\0project_url\0x\0contacts\0link:x\x07\0\
            policy\0p\x08\0=======END SECURITY.TXT V1=======\0";
        let key = ebb_sdk::ID;
        let record = ProgramView::read(&key, &key, &program_data(None, elf))
            .unwrap()
            .record();
        for field in [
            ("Name", Cell::new(r"E\u{1b}[2Jbb")),
            ("Security contacts", Cell::new(r"Link: x\u{7}")),
            ("Security policy", Cell::new(r"p\u{8}")),
        ] {
            assert!(record.fields().contains(&field), "{record:?}");
        }
    }
}
