use {
    base64::{prelude::BASE64_STANDARD, Engine},
    ebb_sdk::{
        pda,
        state::{Device, DeviceHead, ACCOUNT_VERSION},
    },
    serde_json::json,
    solana_sdk::pubkey::Pubkey,
    std::{fs, path::Path},
};

/// Writes a device whose account a newer version of the program wrote, as `solana account --output json`
/// does, into a folder for [`crate::Options::accounts`].
pub fn write_newer_device(folder: &Path, program_id: &Pubkey, code: &str) {
    let nobody = Pubkey::default();
    let mut head = DeviceHead::new(nobody, nobody, nobody, 1, 255);
    head.version = ACCOUNT_VERSION + 1;
    let device = Device {
        head,
        code: code.into(),
    };
    let data = borsh::to_vec(&device).expect("it encodes");
    let account = json!({
        "pubkey": pda::device(program_id, code).0.to_string(),
        "account": {
            "lamports": 10_000_000,
            "data": [BASE64_STANDARD.encode(&data), "base64"],
            "owner": program_id.to_string(),
            "executable": false,
            "rentEpoch": u64::MAX,
            "space": data.len(),
        },
    });
    fs::write(folder.join("newer.json"), account.to_string()).expect("the account is written");
}
