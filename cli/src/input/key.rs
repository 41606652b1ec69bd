//! A key that signs, or stands for one that signs elsewhere.

pub use ebb_sdk::fleet::Key;
