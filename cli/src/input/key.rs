use {solana_sdk::signer::Signer, std::sync::Arc};

/// A key that signs, or stands for one that signs elsewhere.
pub type Key = Arc<dyn Signer + Send + Sync>;
