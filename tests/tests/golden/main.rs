//! The bytes of every instruction, account and event, as literals. Deployed accounts and clients of
//! other languages depend on them.

mod accounts;
mod fixture;
mod instructions;
mod values;
