//! What a drain will do to users, said before it starts.

use {
    super::request::Wish,
    crate::{
        command::device::subject::Subject,
        view::time::{count, moment},
    },
    ebb_sdk::state::{DeviceHead, LocationHead},
};

/// What draining a device will do.
pub fn announce(subject: &Subject, wish: &Wish) -> String {
    let location = &subject.location.account;
    say(
        subject.code(),
        subject.head(),
        (&location.code, &location.head),
        wish,
        subject.now,
    )
}

/// What draining several devices will do, at `now` (Unix seconds).
pub fn announce_all(subjects: &[&Subject], wish: &Wish, now: i64) -> String {
    let sessions = subjects.iter().fold(0, |sum: u32, subject| {
        sum.saturating_add(subject.head().sessions)
    });
    let devices = count(u32::try_from(subjects.len()).unwrap_or(u32::MAX), "device");
    let verb = if subjects.len() == 1 { "is" } else { "are" };
    let mut said = format!(
        "{devices} {verb} being prepared for removal: {} will be closed. From the start of its drain a device \
         takes no new one",
        count(sessions, "session")
    );
    if sessions > 0 {
        said.push_str("; ");
        said.push_str(&leave(wish, now));
    }
    said.push('.');
    said.push_str(past_holds(wish));
    said
}

fn say(
    code: &str,
    device: &DeviceHead,
    (location_code, location): (&str, &LocationHead),
    wish: &Wish,
    now: i64,
) -> String {
    let mut said = match device.sessions {
        0 => format!(
            "{code} is being prepared for removal. It has no session, so it will be drained at once, \
             and it takes no new one until it is undrained."
        ),
        open => format!(
            "{code} is being prepared for removal: {} will be closed. From now on it takes no new \
             one; {}.",
            count(open, "session"),
            leave(wish, now)
        ),
    };
    if let Some(seconds) = wish.until_seconds {
        let back = now.saturating_add(seconds.into());
        said.push_str(&format!(
            " It is planned to be back at {}.",
            moment(back, now)
        ));
    }
    said.push_str(&format!(
        " Location {location_code} keeps {}, its budget is {}.",
        count(location.activated.saturating_sub(1), "activated device"),
        location.min_activated
    ));
    said.push_str(past_holds(wish));
    said
}

/// What is done about what stands in the way.
fn past_holds(wish: &Wish) -> &'static str {
    if wish.force {
        " Live holds and the budget will be passed by force."
    } else if wish.release_holds {
        " Every hold that you may release will be released with the start of the drain."
    } else {
        ""
    }
}

fn leave(wish: &Wish, now: i64) -> String {
    let seconds = wish.deadline();
    if seconds == 0 {
        return "those open may stay until their users leave, and none will be evicted".to_owned();
    }
    let deadline = moment(now.saturating_add(seconds.into()), now);
    let then = if wish.evict {
        "then this command evicts those left"
    } else {
        "then they may be evicted"
    };
    format!("those open may leave by themselves until {deadline}, {then}")
}

#[cfg(test)]
mod tests {
    use {super::*, solana_sdk::pubkey::Pubkey};

    fn said(sessions: u32, wish: &Wish) -> String {
        let key = Pubkey::new_from_array([1; 32]);
        let mut device = DeviceHead::new(key, key, key, 1, 255);
        device.sessions = sessions;
        let mut location = LocationHead::new(*b"NL", 0, 0, 1, 255);
        location.activated = 3;
        say(
            "ams-dz001",
            &device,
            ("ams", &location),
            wish,
            1_767_323_045,
        )
    }

    #[test]
    fn says_what_becomes_of_the_sessions() {
        let mut wish = Wish::default();
        assert_eq!(
            said(12, &wish),
            "ams-dz001 is being prepared for removal: 12 sessions will be closed. From now on it takes \
             no new one; those open may leave by themselves until 2026-01-02T04:04:05Z (in 1h), then \
             they may be evicted. Location ams keeps 2 activated devices, its budget is 1."
        );
        wish.evict = true;
        assert!(said(1, &wish).contains("1 session will be closed"));
        assert!(said(1, &wish).contains("then this command evicts those left"));
        wish.deadline_seconds = Some(0);
        assert!(said(2, &wish).contains("none will be evicted"));
        assert!(said(0, &wish).contains("drained at once"));
    }
}
