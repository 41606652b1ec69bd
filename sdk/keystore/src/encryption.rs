//! Encryption by age, to recipients, as armoured text.

use {
    crate::{error::KeyStoreError, material::Material},
    age::{
        armor::{ArmoredReader, ArmoredWriter, Format},
        DecryptError, Decryptor, Encryptor, Identity, Recipient,
    },
    std::io::{self, Write},
};

/// Encrypts to these recipients.
pub fn encrypt(recipients: &[&dyn Recipient], plain: &[u8]) -> Result<String, KeyStoreError> {
    let encryptor = Encryptor::with_recipients(recipients.iter().copied()).map_err(failed)?;
    let write = || {
        let armored = ArmoredWriter::wrap_output(vec![], Format::AsciiArmor)?;
        let mut writer = encryptor.wrap_output(armored)?;
        writer.write_all(plain)?;
        writer.finish()?.finish()
    };
    String::from_utf8(write().map_err(failed)?).map_err(failed)
}

/// Decrypts with one of these identities.
pub fn decrypt(encrypted: &str, identities: &[&dyn Identity]) -> Result<Material, DecryptError> {
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(encrypted.as_bytes()))?;
    let reader = decryptor.decrypt(identities.iter().copied())?;
    Material::read(reader, "it").map_err(|error| DecryptError::Io(io::Error::other(error)))
}

fn failed(error: impl std::fmt::Display) -> KeyStoreError {
    KeyStoreError::Encryption(error.to_string())
}
