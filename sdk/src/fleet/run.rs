//! A run: work that goes on as long as its events are read.

use {
    super::{
        report::{Recorder, Reports, RowReport},
        FleetError, RunEvent,
    },
    futures_util::{Stream, TryStreamExt},
    std::{
        future::Future,
        pin::Pin,
        task::{Context, Poll},
        time::Duration,
    },
    tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver},
};

type Work = Pin<Box<dyn Future<Output = Result<RunEnd, FleetError>> + Send>>;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// Everything was done, or failed.
    Done,
    /// The time ran out.
    TimedOut,
    /// It was stopped.
    Stopped,
}

/// Work on many devices, as a stream of what happens.
///
/// The work goes on only while the stream is polled, and dropping it cancels the work: no task runs behind it. What was
/// sent by then is in its [reports](Run::reports), of which a clone outlives the run. The same may be planned and run again:
/// it goes on where it was, and only the update of a drain counts its durations anew.
///
/// An error is the last item: the cluster was out of reach for longer than is tolerated.
pub struct Run {
    work: Option<Work>,
    events: UnboundedReceiver<RunEvent>,
    reports: Reports,
    ended: Option<RunEnd>,
    failure: Option<FleetError>,
}

impl Run {
    /// Runs work that records what it does.
    pub(super) fn new<F>(
        reports: Vec<RowReport>,
        timeout: Option<Duration>,
        work: impl FnOnce(Recorder) -> F,
    ) -> Self
    where
        F: Future<Output = Result<(), FleetError>> + Send + 'static,
    {
        let (sender, events) = unbounded_channel();
        let reports = Reports::new(reports);
        let work = work(Recorder::new(reports.clone(), sender));
        Self {
            work: Some(Box::pin(in_time(timeout, work))),
            events,
            reports,
            ended: None,
            failure: None,
        }
    }

    /// What is known of each device: a handle that outlives the run.
    pub fn reports(&self) -> Reports {
        self.reports.clone()
    }

    /// How it ended; `None` while it goes on, or if it ended with an error.
    pub fn ended(&self) -> Option<RunEnd> {
        self.ended
    }

    /// The next event, or `None` at the end: for who does not use it as a stream.
    ///
    /// # Errors
    /// As the stream's last item.
    pub async fn next_event(&mut self) -> Result<Option<RunEvent>, FleetError> {
        self.try_next().await
    }

    /// Ends the work. The stream yields what has happened until now, and ends.
    pub fn stop(&mut self) {
        if self.work.take().is_some() {
            self.ended = Some(RunEnd::Stopped);
        }
    }

    /// Runs to the end without reading the events, and returns the reports.
    ///
    /// # Errors
    /// The cluster was out of reach for longer than is tolerated. What was done is in the reports, of which a clone is to be
    /// taken before.
    pub async fn finish(mut self) -> Result<Vec<RowReport>, FleetError> {
        while self.next_event().await?.is_some() {}
        Ok(self.reports.all())
    }
}

impl Stream for Run {
    type Item = Result<RunEvent, FleetError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            // What has happened is handed over before more is done.
            if let Ok(event) = self.events.try_recv() {
                return Poll::Ready(Some(Ok(event)));
            }
            let Some(work) = &mut self.work else {
                return Poll::Ready(self.failure.take().map(Err));
            };
            match work.as_mut().poll(context) {
                Poll::Pending => {
                    return match self.events.try_recv() {
                        Ok(event) => Poll::Ready(Some(Ok(event))),
                        Err(_) => Poll::Pending,
                    }
                }
                Poll::Ready(ended) => {
                    self.work = None;
                    self.ended = ended.as_ref().ok().copied();
                    self.failure = ended.err();
                }
            }
        }
    }
}

async fn in_time(
    timeout: Option<Duration>,
    work: impl Future<Output = Result<(), FleetError>>,
) -> Result<RunEnd, FleetError> {
    let worked = match timeout {
        Some(timeout) => tokio::time::timeout(timeout, work).await,
        None => Ok(work.await),
    };
    match worked {
        Ok(worked) => worked.map(|()| RunEnd::Done),
        Err(_) => Ok(RunEnd::TimedOut),
    }
}
