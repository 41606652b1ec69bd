//! A key store's files: no bytes make the reader panic, what it reads it writes again to the same meaning, and nothing
//! is taken for the store's that the store did not sign.
#![no_main]

// The store uses more of it than reading and writing.
#[allow(dead_code)]
#[path = "../../../sdk/keystore/src/record/mod.rs"]
mod record;

use {
    libfuzzer_sys::fuzz_target,
    record::{encode, parse, Content, DestructionRecord, KeyRecord, Protection},
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::fmt::Debug,
};

/// Files that the store with the [`signer`]'s key wrote: one of each kind.
const STORE: &[u8] = include_bytes!("../seeds/keystore_record/store.json");
const KEY: &[u8] = include_bytes!("../seeds/keystore_record/key.json");
const DESTROYED: &[u8] = include_bytes!("../seeds/keystore_record/destroyed.json");

fuzz_target!(|data: &[u8]| {
    let accepted = [
        check::<Protection>(data, STORE),
        check::<KeyRecord>(data, KEY),
        check::<DestructionRecord>(data, DESTROYED),
    ];
    let kinds = accepted.into_iter().filter(|accepted| *accepted).count();
    assert!(kinds <= 1);
});

fn signer() -> Keypair {
    Keypair::new_from_array([7; 32])
}

/// Reads the data as one kind of file, and returns whether they are that; `signed` is the only one of this kind that
/// was signed.
fn check<T: Content + Clone + Debug>(data: &[u8], signed: &[u8]) -> bool {
    let Ok(file) = parse::<T>(data) else {
        return false;
    };
    let signer = signer();
    let claim = file.unverified().clone();
    let written = encode(&claim, &signer).expect("a record encodes");
    let again = parse::<T>(&written).expect("what was written is read");
    let again = again
        .verify(&signer.pubkey())
        .expect("what was signed is verified");
    assert_eq!(format!("{again:?}"), format!("{claim:?}"));

    let stranger = Keypair::new_from_array([8; 32]).pubkey();
    let by_stranger = parse::<T>(&written).and_then(|file| file.verify(&stranger));
    assert!(by_stranger.is_err());

    let is_verified = file.verify(&signer.pubkey()).is_ok();
    assert!(is_verified || data != signed);
    assert!(
        !is_verified || written == signed,
        "{claim:?} was never signed"
    );
    true
}
