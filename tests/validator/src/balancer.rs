use {
    crate::Tap,
    serde_json::{json, Value},
    std::{
        hash::{DefaultHasher, Hash, Hasher},
        sync::atomic::{AtomicU64, Ordering},
    },
};

/// The methods that the node answers that is behind.
const READS: [&str; 5] = [
    "getAccountInfo",
    "getMultipleAccounts",
    "getProgramAccounts",
    "getSignaturesForAddress",
    "getTransaction",
];

/// How often a balancer has accounts read from the node that is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// Every time.
    Always,
    /// Every second time.
    EverySecond,
    /// In an order that follows from the number, every second time on average.
    AtRandom(u64),
}

impl Behind {
    /// Whether the read of a number goes to the node that is behind.
    fn answers(self, read: u64) -> bool {
        match self {
            Self::Always => true,
            Self::EverySecond => read % 2 == 1,
            Self::AtRandom(seed) => {
                let mut hasher = DefaultHasher::new();
                (seed, read).hash(&mut hasher);
                hasher.finish() % 2 == 1
            }
        }
    }
}

/// A load balancer before two nodes, one in step and one some thirty slots behind: that is the same validator, asked for
/// its finalized state, so that it names an honest slot.
pub async fn balancer(validator: String, behind: Behind) -> Tap {
    let reads = AtomicU64::new(0);
    let rewrite = move |request: &mut Value| {
        if !READS.iter().any(|method| request["method"] == *method) {
            return;
        }
        let number = reads.fetch_add(1, Ordering::Relaxed);
        if behind.answers(number) {
            request["params"][1]["commitment"] = json!("finalized");
        }
    };
    Tap::rewriting(validator, rewrite).await
}
