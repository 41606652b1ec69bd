//! Bytes that are not what they should be: a typed error, never a default and never a panic.

mod accounts;
mod instructions;
mod layout;
mod program;
mod security_txt;
