//! What a drain will do to users, shown before it starts.

use {
    crate::terminal::time::{count, moment},
    ebb_sdk::{
        fleet::{DrainOptions, Subject},
        state::{DeviceHead, LocationHead},
    },
};

/// What draining a device will do.
pub fn announce(subject: &Subject, options: &DrainOptions) -> String {
    let location = &subject.location.account;
    describe(
        subject.code(),
        subject.head(),
        (&location.code, &location.head),
        options,
        subject.now,
    )
}

/// What draining several devices will do, at `now` (Unix seconds).
pub fn announce_all(subjects: &[&Subject], options: &DrainOptions, now: i64) -> String {
    let sessions = subjects.iter().fold(0, |sum: u32, subject| {
        sum.saturating_add(subject.head().sessions)
    });
    let devices = count(u32::try_from(subjects.len()).unwrap_or(u32::MAX), "device");
    let verb = if subjects.len() == 1 { "is" } else { "are" };
    let mut text = format!(
        "{devices} {verb} being prepared for removal: {} will be closed. From the start of its drain a device \
         takes no new one",
        count(sessions, "session")
    );
    if sessions > 0 {
        text.push_str("; ");
        text.push_str(&leave(options, now));
    }
    text.push('.');
    text.push_str(past_holds(options));
    text
}

fn describe(
    code: &str,
    device: &DeviceHead,
    (location_code, location): (&str, &LocationHead),
    options: &DrainOptions,
    now: i64,
) -> String {
    let mut text = match device.sessions {
        0 => format!(
            "{code} is being prepared for removal. It has no session, so it will be drained at once, \
             and it takes no new one until it is undrained."
        ),
        open => format!(
            "{code} is being prepared for removal: {} will be closed. From now on it takes no new \
             one; {}.",
            count(open, "session"),
            leave(options, now)
        ),
    };
    if let Some(seconds) = options.until_seconds {
        let back = now.saturating_add(seconds.into());
        text.push_str(&format!(
            " It is planned to be back at {}.",
            moment(back, now)
        ));
    }
    text.push_str(&format!(
        " Location {location_code} keeps {}, its budget is {}.",
        count(location.activated.saturating_sub(1), "activated device"),
        location.min_activated
    ));
    text.push_str(past_holds(options));
    text
}

/// What is done about holds and the budget.
fn past_holds(options: &DrainOptions) -> &'static str {
    if options.force {
        " Live holds and the budget will be passed by force."
    } else if options.release_holds {
        " Every hold that you may release will be released with the start of the drain."
    } else {
        ""
    }
}

fn leave(options: &DrainOptions, now: i64) -> String {
    let seconds = options.deadline();
    if seconds == 0 {
        return "those open may stay until their users leave, and none will be evicted".to_owned();
    }
    let deadline = moment(now.saturating_add(seconds.into()), now);
    let then = if options.evict {
        "then this command evicts those left"
    } else {
        "then they may be evicted"
    };
    format!("those open may leave by themselves until {deadline}, {then}")
}

#[cfg(test)]
mod tests {
    use {super::*, solana_sdk::pubkey::Pubkey};

    fn text(sessions: u32, options: &DrainOptions) -> String {
        let key = Pubkey::new_from_array([1; 32]);
        let mut device = DeviceHead::new(key, key, key, 1, 255);
        device.sessions = sessions;
        let mut location = LocationHead::new(*b"NL", 0, 0, 1, 255);
        location.activated = 3;
        describe(
            "ams-dz001",
            &device,
            ("ams", &location),
            options,
            1_767_323_045,
        )
    }

    #[test]
    fn says_how_the_sessions_end() {
        let mut options = DrainOptions::default();
        assert_eq!(
            text(12, &options),
            "ams-dz001 is being prepared for removal: 12 sessions will be closed. From now on it takes \
             no new one; those open may leave by themselves until 2026-01-02T04:04:05Z (in 1h), then \
             they may be evicted. Location ams keeps 2 activated devices, its budget is 1."
        );
        options.evict = true;
        assert!(text(1, &options).contains("1 session will be closed"));
        assert!(text(1, &options).contains("then this command evicts those left"));
        options.deadline_seconds = Some(0);
        assert!(text(2, &options).contains("none will be evicted"));
        assert!(text(0, &options).contains("drained at once"));
    }
}
