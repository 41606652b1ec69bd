//! Evicting what may be evicted now, of drains and of dead devices, without a wait.

use {
    super::{
        drain::{self, drainer},
        evict::{evict, DueDevice},
        outage_of,
        subject::code_or_address,
        Credential, Fleet, FleetError, Found, OutageTolerance, Recorder, RowReport, Run, Subject,
    },
    crate::{
        lifecycle::{check_close_session, is_evictable},
        state::ProvisioningStatus,
    },
    std::{sync::Arc, time::Duration},
};

/// A device, and the role in which its sessions are closed.
type Permitted = (Arc<Subject>, Credential);

/// See [`Fleet::evict`].
pub(super) fn run(fleet: &Fleet, found: Vec<Found>) -> Result<Run, FleetError> {
    let (mut reports, mut devices) = (vec![], vec![]);
    for (address, found) in found {
        let subject = found.as_ref().ok().cloned();
        let code = code_or_address(subject.as_deref(), &address);
        reports.push(RowReport::new(code, address, subject));
        devices.push(match found.and_then(|subject| permit(fleet, subject)) {
            Err(error) if error.is_of_signer() => return Err(error),
            permitted => permitted,
        });
    }
    let fleet = fleet.clone();
    Ok(Run::new(reports, None, move |recorder| async move {
        let dead = begin(&recorder, devices);
        for (row, failure) in evict(&fleet, &recorder, &dead).await? {
            recorder.failed(row, failure);
        }
        read_again(&fleet, &recorder, &dead).await?;
        let tolerance = &mut OutageTolerance::default();
        drain::poll(&fleet, &recorder, Duration::ZERO, tolerance).await?;
        // What was evicted counts once it is read.
        drain::poll(&fleet, &recorder, Duration::ZERO, tolerance).await
    }))
}

/// A draining device is permitted before its deadline too: then nothing is evicted, and its drain is reported.
fn permit(fleet: &Fleet, subject: Arc<Subject>) -> Result<Permitted, FleetError> {
    let credential = drainer(fleet, &subject)?;
    if subject.status() != ProvisioningStatus::Draining {
        check_close_session(subject.head(), credential.role, subject.now)?;
    }
    Ok((subject, credential))
}

/// Records what each device is, and returns those that are dead outside a drain.
fn begin(recorder: &Recorder, devices: Vec<Result<Permitted, FleetError>>) -> Vec<DueDevice> {
    let mut dead = vec![];
    for (row, permitted) in devices.into_iter().enumerate() {
        let (subject, credential) = match permitted {
            Ok(permitted) => permitted,
            Err(error) => {
                recorder.failed(row, error);
                continue;
            }
        };
        let (head, address) = (subject.head(), subject.device.address);
        if subject.status() == ProvisioningStatus::Draining {
            recorder.watch(row, &subject, Some(credential.address));
        } else if is_evictable(head, subject.now) {
            dead.push(DueDevice::new(row, address, head, credential.address));
        }
        recorder.unchanged(row);
    }
    dead
}

/// Records the devices as they are after their eviction.
async fn read_again(
    fleet: &Fleet,
    recorder: &Recorder,
    devices: &[DueDevice],
) -> Result<(), FleetError> {
    let rows: Vec<usize> = devices.iter().map(|device| device.row).collect();
    let found = fleet.read(&recorder.addresses(&rows)).await;
    outage_of(&found)?;
    for (row, (_, found)) in rows.into_iter().zip(found) {
        match found {
            Ok(subject) => {
                recorder.update(row, |report| report.last = Some(subject));
            }
            Err(error) => recorder.failed(row, error),
        }
    }
    Ok(())
}
