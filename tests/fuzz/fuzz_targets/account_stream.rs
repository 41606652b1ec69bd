//! Lists of accounts: however an answer's bytes are parted, the same pieces come out, and those of a sound answer are
//! the elements that serde_json reads in it.
#![no_main]

#[path = "../../../sdk/src/rpc/list/cutter.rs"]
mod cutter;
#[path = "../../../sdk/src/rpc/list/element.rs"]
mod element;

use {
    base64::{prelude::BASE64_STANDARD, Engine},
    cutter::{Cutter, Piece},
    element::{Context, Element, Envelope, NoList, Whole},
    libfuzzer_sys::fuzz_target,
    serde::{de::IgnoredAny, Deserialize},
    serde_json::{value::RawValue, Value},
};

/// How long the parts are that an answer comes in.
const PARTS: [usize; 8] = [1, 2, 3, 5, 8, 13, 21, 34];

fuzz_target!(|data: &[u8]| {
    let whole = cut(data, data.len().max(1));
    for part in PARTS {
        assert_eq!(cut(data, part), whole, "in parts of {part}");
    }
    whole
        .elements
        .iter()
        .for_each(|element| check_element(element));
    for context in &whole.contexts {
        let _ = serde_json::from_slice::<Context>(context);
    }
    let envelope = serde_json::from_slice::<Envelope<IgnoredAny>>(&whole.envelope);
    let slot = envelope.ok().map(Envelope::slot);
    if let Ok(answer) = serde_json::from_slice::<Answer>(data) {
        check_answer(&answer, &whole, slot);
    }
});

/// What an answer was cut into.
#[derive(Debug, Default, PartialEq)]
struct Pieces {
    contexts: Vec<Vec<u8>>,
    elements: Vec<Vec<u8>>,
    envelope: Vec<u8>,
}

fn cut(data: &[u8], part: usize) -> Pieces {
    let mut pieces = Pieces::default();
    let mut cutter = Cutter::default();
    for part in data.chunks(part) {
        let taken = cutter.take(part, |piece| {
            match piece {
                Piece::Context(context) => pieces.contexts.push(context.to_vec()),
                Piece::Element(element) => pieces.elements.push(element.to_vec()),
            }
            Ok::<_, ()>(())
        });
        assert_eq!(taken, Ok(()));
    }
    pieces.envelope = cutter.envelope();
    pieces
}

/// An element says what serde_json reads in it.
fn check_element(json: &[u8]) {
    let element = serde_json::from_slice::<Element>(json);
    // Texts that an element does not read may be none.
    let (Ok(element), Ok(value)) = (element, serde_json::from_slice::<Value>(json)) else {
        return;
    };
    assert_eq!(value["pubkey"], *element.pubkey);
    let Some((address, account)) = element.account() else {
        return;
    };
    assert_eq!(
        value["pubkey"].as_str().and_then(|key| key.parse().ok()),
        Some(address)
    );
    let data = value["account"]["data"][0]
        .as_str()
        .map(|data| BASE64_STANDARD.decode(data));
    assert_eq!(data, Some(Ok(account.data)));
    assert_eq!(value["account"]["lamports"], account.lamports);
    assert_eq!(value["account"]["executable"], account.executable);
    assert_eq!(value["account"]["rentEpoch"], account.rent_epoch);
    let owner = value["account"]["owner"]
        .as_str()
        .and_then(|key| key.parse().ok());
    assert_eq!(owner, Some(account.owner));
}

/// An answer with nothing in it but what nodes send.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer<'a> {
    #[serde(rename = "jsonrpc")]
    _version: String,
    #[serde(rename = "id")]
    _id: u64,
    #[serde(borrow)]
    result: Found<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found<'a> {
    #[serde(borrow)]
    context: &'a RawValue,
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
}

fn check_answer(answer: &Answer, pieces: &Pieces, slot: Option<Result<u64, NoList<IgnoredAny>>>) {
    let Found { context, value } = &answer.result;
    let Ok(Context { slot: expected }) = serde_json::from_str(context.get()) else {
        return;
    };
    let is_cut = |element: &&&RawValue| element.get().starts_with('{');
    let elements: Vec<&[u8]> = value
        .iter()
        .filter(is_cut)
        .map(|it| it.get().as_bytes())
        .collect();
    assert_eq!(pieces.elements, elements);
    assert_eq!(pieces.contexts, [context.get().as_bytes()]);
    if elements.len() == value.len() {
        let slot = slot.expect("the envelope is JSON").expect("it has a list");
        assert_eq!(slot, expected);
        let list = list(context, value);
        let whole = serde_json::from_str::<Whole>(&list);
        let each = value
            .iter()
            .all(|it| serde_json::from_str::<Element>(it.get()).is_ok());
        assert_eq!(
            whole.is_ok_and(|whole| whole.value.len() == value.len()),
            each
        );
    }
}

fn list(context: &RawValue, elements: &[&RawValue]) -> String {
    let elements: Vec<&str> = elements.iter().map(|element| element.get()).collect();
    format!(
        r#"{{"context":{context},"value":[{}]}}"#,
        elements.join(",")
    )
}
