//! Transactions as nodes answer them.

use {
    super::*,
    crate::ledger::{BlockEntry, Call, Finality, SignatureEntry, SignaturePage, TransactionEntry},
    base64::{prelude::BASE64_STANDARD, Engine},
    serde_json::Value,
    solana_client::{
        client_error::Result as ClientResult,
        rpc_request::{RpcError, RpcResponseErrorData},
        rpc_sender::RpcTransportStats,
    },
    solana_message::{compiled_instruction::CompiledInstruction, v0, VersionedMessage},
    solana_sdk::signature::Signature,
    std::{collections::VecDeque, sync::Mutex},
};

/// A node that gives these answers, one after the other, and notes what it is asked.
#[derive(Clone, Default)]
struct Answers {
    answers: Arc<Mutex<VecDeque<Result<Value, i64>>>>,
    asked: Arc<Mutex<Vec<(RpcRequest, Value)>>>,
}

impl Answers {
    fn new(answers: impl IntoIterator<Item = Result<Value, i64>>) -> Self {
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        Self {
            answers,
            ..Self::default()
        }
    }

    fn ledger(&self) -> RpcLedger {
        RpcLedger::with_sender(self.clone(), CommitmentConfig::confirmed())
    }

    fn asked(&self) -> Vec<(RpcRequest, Value)> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl RpcSender for Answers {
    async fn send(&self, request: RpcRequest, params: Value) -> ClientResult<Value> {
        self.asked.lock().unwrap().push((request, params));
        let answer = self.answers.lock().unwrap().pop_front();
        answer.unwrap().map_err(|code| {
            RpcError::RpcResponseError {
                code,
                message: "no".into(),
                data: RpcResponseErrorData::Empty,
            }
            .into()
        })
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "https://example.com/secret".into()
    }
}

fn signature(byte: u8) -> Signature {
    [byte; 64].into()
}

#[tokio::test]
async fn a_page_is_asked_for_as_it_was_named() {
    let listed = json!([
        {
            "signature": signature(9).to_string(), "slot": 70, "err": null, "memo": null, "blockTime": 5,
            "confirmationStatus": "finalized", "transactionIndex": 3,
        },
        // A node of an older version, and an error that this one does not know.
        { "signature": signature(8).to_string(), "slot": 60, "err": { "New": [1] }, "blockTime": null },
    ]);
    let node = Answers::new([Ok(listed), Ok(json!([]))]);
    let ledger = node.ledger();
    let page = SignaturePage {
        before: Some(signature(1)),
        until: Some(signature(2)),
        limit: 7,
        finality: Finality::Confirmed,
        min_slot: 50,
    };
    let entries = ledger.signatures(&crate::ID, &page).await.unwrap();
    let newest = SignatureEntry {
        signature: signature(9),
        slot: 70,
        time: Some(5),
        failed: false,
        index: Some(3),
        is_final: true,
    };
    let oldest = SignatureEntry {
        signature: signature(8),
        slot: 60,
        time: None,
        failed: true,
        index: None,
        is_final: false,
    };
    assert_eq!(entries, [newest, oldest]);

    // What was seen is not forgotten.
    let all = SignaturePage::default();
    ledger.signatures(&crate::ID, &all).await.unwrap();
    let params = |config: Value| {
        let params = json!([crate::ID.to_string(), config]);
        (RpcRequest::GetSignaturesForAddress, params)
    };
    let first = json!({
        "before": signature(1).to_string(), "until": signature(2).to_string(),
        "limit": 7, "commitment": "confirmed", "minContextSlot": 50,
    });
    let second = json!({ "limit": 1_000, "commitment": "confirmed", "minContextSlot": 70 });
    assert_eq!(node.asked(), [params(first), params(second)]);
}

#[tokio::test]
async fn what_is_final_is_asked_for_at_the_callers_slot_only() {
    let listed =
        json!([{ "signature": signature(9).to_string(), "slot": 70, "err": null, "blockTime": 5 }]);
    let node = Answers::new([Ok(listed.clone()), Ok(listed)]);
    let ledger = node.ledger();
    ledger.transport.saw(100);
    for min_slot in [0, 60] {
        let page = SignaturePage {
            finality: Finality::Final,
            min_slot,
            ..SignaturePage::default()
        };
        let entries = ledger.signatures(&crate::ID, &page).await.unwrap();
        assert!(entries[0].is_final);
    }
    let asked = node.asked();
    let slots = asked
        .iter()
        .map(|(_, params)| params[1].get("minContextSlot"));
    assert_eq!(slots.collect::<Vec<_>>(), [None, Some(&json!(60))]);
}

#[tokio::test]
async fn a_place_that_the_node_does_not_have_is_an_error_of_its_own() {
    let node = Answers::new([Err(-32020), Err(-32011)]);
    let ledger = node.ledger();
    let page = SignaturePage::default();
    let error = ledger.signatures(&crate::ID, &page).await.unwrap_err();
    assert!(
        matches!(error, LedgerError::UnknownAnchor { ref url } if url == "https://example.com/…")
    );
    let error = ledger.signatures(&crate::ID, &page).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "https://example.com/… answered: no (-32011)"
    );
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_is_not_there_is_looked_for_five_times() {
    let node = Answers::new(vec![Ok(Value::Null); 5]);
    let found = node
        .ledger()
        .transaction(&signature(1), Finality::Final)
        .await;
    assert_eq!(found.unwrap(), None);
    let config = json!({ "commitment": "finalized", "encoding": "base64", "maxSupportedTransactionVersion": 0 });
    let asked = (
        RpcRequest::GetTransaction,
        json!([signature(1).to_string(), config]),
    );
    assert_eq!(node.asked(), vec![asked; 5]);
}

#[tokio::test]
async fn a_block_is_the_first_in_a_slot_or_after_it_with_its_signatures() {
    let signatures = [signature(1), signature(2)];
    let block = json!({ "parentSlot": 68, "signatures": signatures.map(|it| it.to_string()), "blockhash": "x" });
    let node = Answers::new([Ok(json!([71])), Ok(block)]);
    let expected = BlockEntry {
        slot: 71,
        parent: 68,
        signatures: signatures.to_vec(),
    };
    let found = node.ledger().block_from(70).await.unwrap();
    assert_eq!(found, Some(expected));
    let config = json!({
        "commitment": "finalized", "rewards": false, "transactionDetails": "signatures", "maxSupportedTransactionVersion": 0,
    });
    let slots = (
        RpcRequest::GetBlocksWithLimit,
        json!([70, 1, { "commitment": "finalized" }]),
    );
    assert_eq!(
        node.asked(),
        [slots, (RpcRequest::GetBlock, json!([71, config]))]
    );
}

#[tokio::test]
async fn a_node_that_has_no_block_or_serves_none_says_nothing_of_it() {
    let (cleaned_up, no_method) = (Err(-32001), Err(-32601));
    let answers = [
        vec![Ok(json!([]))],
        vec![no_method],
        vec![Ok(json!([71])), cleaned_up],
        vec![Ok(json!([71])), Ok(Value::Null)],
    ];
    for answers in answers {
        let found = Answers::new(answers).ledger().block_from(70).await;
        assert_eq!(found.unwrap(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn instructions_are_in_the_order_in_which_they_ran() {
    let [payer, outer, looked_up] = [1, 2, 3].map(|byte| Pubkey::new_from_array([byte; 32]));
    let call = |data: u8| CompiledInstruction {
        program_id_index: 1,
        accounts: vec![],
        data: vec![data],
    };
    let message = v0::Message {
        header: solana_message::MessageHeader {
            num_required_signatures: 1,
            num_readonly_signed_accounts: 0,
            num_readonly_unsigned_accounts: 1,
        },
        account_keys: vec![payer, outer],
        recent_blockhash: Hash::default(),
        instructions: vec![call(10), call(20)],
        address_table_lookups: vec![],
    };
    let transaction = VersionedTransaction {
        signatures: vec![signature(1)],
        message: VersionedMessage::V0(message),
    };
    let bytes = wincode::serialize(&transaction).unwrap();
    let answer = |index: Value, error: Value| {
        json!({
            "slot": 7, "blockTime": 8, "transactionIndex": index, "version": 0,
            "transaction": [BASE64_STANDARD.encode(&bytes), "base64"],
            "meta": {
                "err": error, "logMessages": ["a", "b"],
                // The program is the third of the addresses: the first out of a table.
                "innerInstructions": [{
                    "index": 0,
                    "instructions": [{ "programIdIndex": 2, "accounts": [0], "data": "2g", "stackHeight": 2 }],
                }],
                "loadedAddresses": { "writable": [], "readonly": [looked_up.to_string()] },
            },
        })
    };
    let failed = json!({ "New": 1 });
    // It was not there yet at first.
    let node = Answers::new([
        Ok(Value::Null),
        Ok(answer(json!(4), Value::Null)),
        Ok(answer(Value::Null, failed)),
        Ok(json!({ "slot": 7, "transaction": ["AA==", "base64"] })),
    ]);
    let ledger = node.ledger();
    let sought = signature(1);
    let find = || ledger.transaction(&sought, Finality::Confirmed);
    let of = |program_id, data: u8| Call {
        program_id,
        data: vec![data],
    };
    let found = find().await.unwrap().unwrap();
    let expected = TransactionEntry {
        signature: signature(1),
        slot: 7,
        index: Some(4),
        time: Some(8),
        failed: false,
        // "2g" is the byte 97 in base 58.
        calls: vec![of(outer, 10), of(looked_up, 97), of(outer, 20)],
        logs: Some(vec!["a".into(), "b".into()]),
    };
    assert_eq!(found, expected);
    let again = TransactionEntry {
        index: None,
        failed: true,
        ..expected
    };
    assert_eq!(find().await.unwrap(), Some(again));
    assert_eq!(
        find().await.unwrap_err().to_string(),
        format!(
            "https://example.com/… sent an unreadable transaction {}",
            signature(1)
        )
    );
}
