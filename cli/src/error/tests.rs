use super::*;

#[test]
fn the_worst_kind_decides() {
    use Kind::{NotFound, Other, Refused, TimedOut, Unreachable};
    assert_eq!(Kind::worst([]), None);
    assert_eq!(Kind::worst([TimedOut, NotFound]), Some(NotFound));
    assert_eq!(Kind::worst([TimedOut, NotFound, Refused]), Some(Refused));
    assert_eq!(Kind::worst([Refused, Other, NotFound]), Some(Other));
    assert_eq!(Kind::worst([Other, Unreachable]), Some(Unreachable));
    assert_eq!(Kind::worst([Refused, Kind::Usage]), Some(Other));
}

#[test]
fn every_kind_has_a_rank() {
    for kind in Kind::GRAVEST_FIRST {
        assert_eq!(Kind::worst([kind, Kind::BrokenPipe]), Some(kind));
    }
}

#[test]
fn a_refusal_names_the_rule_then_the_state() {
    let error = CliError::refused(EbbError::NotDrained).because("ams-dz001 has 12 sessions");
    assert_eq!(
        error.to_string(),
        "the device still has sessions: ams-dz001 has 12 sessions"
    );
    assert_eq!(
        serde_json::to_string(&error.body()).unwrap(),
        r#"{"kind":"refused","code":6058,"name":"NotDrained","message":"the device still has sessions: ams-dz001 has 12 sessions"}"#
    );
    assert!(error.is_refusal(EbbError::NotDrained));
}

#[test]
fn a_ledgers_error_keeps_its_kind() {
    let unreachable = LedgerError::Unreachable {
        url: "http://x".into(),
        reason: "refused".into(),
    };
    assert_eq!(CliError::from(unreachable).kind(), Kind::Unreachable);
    let refused = LedgerError::Refused {
        error: EbbError::LiveHold,
        instruction: 0,
        logs: vec!["log".into()],
    };
    let refused = CliError::from(refused);
    assert_eq!((refused.kind(), refused.logs().len()), (Kind::Refused, 1));
    let broke = LedgerError::Failed {
        error: TransactionError::AccountNotFound,
        logs: vec![],
    };
    assert!(!CliError::from(broke).hints().is_empty());
}

#[test]
fn a_broken_pipe_is_no_failure() {
    let error = CliError::from(io::Error::from(io::ErrorKind::BrokenPipe));
    assert_eq!(error.kind().exit_code(), 0);
}
