//! Printing a device's history, and what is added to it.

use {
    crate::{context::Context, error::CliError, render::history as render, terminal::status},
    ebb_sdk::{
        fleet::Waker,
        history::{DeviceHistory, Gap, Record, Registration},
    },
    solana_sdk::pubkey::Pubkey,
};

/// Prints events as they land, until a signal ends it.
///
/// # Errors
/// Of the ledger, but for outages, which are waited for.
pub async fn follow(
    context: &Context,
    address: Pubkey,
    history: &mut DeviceHistory,
) -> Result<(), CliError> {
    let mut waker = Waker::new(context.client.ledger(), vec![address]);
    let mut holes = history.gaps().to_vec();
    let mut is_away = false;
    loop {
        waker.next(None).await;
        match history.read().await {
            Ok(new) => {
                is_away = false;
                print(context, history, &new)?;
                warn_of_new(&mut holes, history.gaps());
            }
            Err(error) if error.is_outage() => {
                if !is_away {
                    status(format_args!("{error}; trying again"));
                }
                is_away = true;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn print(context: &Context, history: &DeviceHistory, new: &[Record]) -> Result<(), CliError> {
    if new.is_empty() {
        return Ok(());
    }
    for registration in history.registrations() {
        let number = registration.number;
        let of_it = registration.records.iter().enumerate();
        for (place, record) in of_it.filter(|(_, record)| new.contains(record)) {
            if place == 0 && number > 1 && !context.output.is_json() {
                render::heading(number)?;
            }
            render::event(context, number, record)?;
        }
    }
    Ok(())
}

/// Warns of the holes that were not there before.
fn warn_of_new(known: &mut Vec<Gap>, gaps: &[Gap]) {
    for gap in gaps.iter().filter(|gap| !known.contains(gap)) {
        status(format_args!(
            "warning: there is no record of {}",
            render::describe(gap)
        ));
    }
    *known = gaps.to_vec();
}

/// Leaves out what happened before.
pub fn keep_since(registrations: &mut [Registration], since: i64) {
    for registration in registrations {
        registration
            .records
            .retain(|record| record.event.time >= since);
    }
}
