use {
    crate::Tap,
    serde_json::{json, Value},
    std::sync::atomic::{AtomicUsize, Ordering},
};

/// The methods that the node answers that is behind.
const READS: [&str; 3] = [
    "getAccountInfo",
    "getMultipleAccounts",
    "getProgramAccounts",
];

/// How often a balancer has accounts read from the node that is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// Every time.
    Always,
    /// Every second time.
    EverySecond,
}

/// A load balancer before two nodes, one in step and one some thirty slots behind: that is the same validator, asked for
/// its finalized state, so that it names an honest slot.
pub async fn balancer(validator: String, behind: Behind) -> Tap {
    let reads = AtomicUsize::new(0);
    let rewrite = move |request: &mut Value| {
        if !READS.iter().any(|method| request["method"] == *method) {
            return;
        }
        let number = reads.fetch_add(1, Ordering::Relaxed);
        if behind == Behind::Always || number % 2 == 1 {
            request["params"][1]["commitment"] = json!("finalized");
        }
    };
    Tap::rewriting(validator, rewrite).await
}
