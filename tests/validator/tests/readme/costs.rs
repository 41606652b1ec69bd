//! What the accounts of a network cost, as docs/production.md says it.

use {
    ebb_sdk::{
        pda,
        state::{ContributorHead, DeviceHead, DiskKeyHead, Head, LocationHead, Registry, Session},
    },
    ebb_validator_tests::PROGRAM,
    solana_sdk::{native_token::LAMPORTS_PER_SOL, pubkey::Pubkey},
};

/// What the cluster asks for a signature.
pub const FEE: u64 = 5_000;
pub const CONTRIBUTOR: &str = "co01";
pub const LOCATION: &str = "ams";
pub const DEVICE: &str = "ams-dz001";
pub const DISK: &str = "/dev/sda";
pub const USER: Pubkey = Pubkey::from_str_const("7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q");
const LOCATION_NAME: &str = "Amsterdam";
/// The loader's account at the program's address.
const PROGRAM_LEN: usize = 36;
/// What stands before the ELF in the account that has it.
const PROGRAM_DATA_HEAD: usize = 45;
/// The length of a string stands before it.
const LENGTH: usize = 4;
/// The sessions of the page's table that are opened and closed.
const OPENED: u64 = 1_000_000;

/// An account of the tour, and how many of its kind the page counts.
pub struct Account {
    what: &'static str,
    pub len: usize,
    count: u64,
    pub address: Pubkey,
}

/// The accounts, in the table's order.
pub fn accounts(program: &Pubkey) -> [Account; 8] {
    let account = |what, len, count, address| Account {
        what,
        len,
        count,
        address,
    };
    let device = pda::device(program, DEVICE).0;
    let code_and_name = LENGTH + LOCATION.len() + LENGTH + LOCATION_NAME.len();
    [
        account("the program's address", PROGRAM_LEN, 1, *program),
        account(
            "the program's code",
            PROGRAM_DATA_HEAD + PROGRAM.len(),
            1,
            pda::program_data(program),
        ),
        account("registry", Registry::LEN, 1, pda::registry(program).0),
        account(
            "contributor `co01`",
            ContributorHead::LEN + LENGTH + CONTRIBUTOR.len(),
            20,
            pda::contributor(program, CONTRIBUTOR).0,
        ),
        account(
            "location `ams`, Amsterdam",
            LocationHead::LEN + code_and_name,
            50,
            pda::location(program, LOCATION).0,
        ),
        account(
            "device `ams-dz001`",
            DeviceHead::LEN + LENGTH + DEVICE.len(),
            1_000,
            device,
        ),
        account(
            "disk key of `/dev/sda`",
            DiskKeyHead::LEN + LENGTH + DISK.len(),
            2_000,
            pda::disk_key(program, &device, DISK).0,
        ),
        account(
            "session, while it is open",
            Session::LEN,
            100_000,
            pda::session(program, &device, &USER).0,
        ),
    ]
}

/// The table, from the accounts with their rents.
pub fn table(accounts: &[(Account, u64)]) -> String {
    let heading =
        "| account | bytes | SOL each | a network of | SOL |\n|---|---:|---:|---:|---:|\n";
    let rows = accounts.iter().map(|(account, rent)| {
        let (bytes, count) = (grouped(account.len as u64), grouped(account.count));
        let (each, all) = (sol(*rent), sol(rent * account.count));
        format!(
            "| {} | {bytes} | {each} | {count} | {all} |\n",
            account.what
        )
    });
    let deposit: u64 = accounts
        .iter()
        .map(|(account, rent)| rent * account.count)
        .sum();
    let fees = 2 * FEE;
    let opened = format!(
        "| a session opened and closed, in fees | | {} | {} | {} |\n",
        sol(fees),
        grouped(OPENED),
        sol(fees * OPENED)
    );
    let all = format!("| all deposits | | | | {} |\n", sol(deposit));
    [heading.to_owned(), rows.collect(), all, opened].concat()
}

/// Lamports in SOL, without zeros at the end.
fn sol(lamports: u64) -> String {
    let (whole, rest) = (lamports / LAMPORTS_PER_SOL, lamports % LAMPORTS_PER_SOL);
    let text = format!("{}.{rest:09}", grouped(whole));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number with a comma before each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let head = digits.len() % 3;
    let mut groups = Vec::from_iter((head > 0).then(|| &digits[..head]));
    groups.extend(
        (head..digits.len())
            .step_by(3)
            .map(|at| &digits[at..at + 3]),
    );
    groups.join(",")
}
