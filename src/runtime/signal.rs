//! Signals of the operating system, as a stream that tests can replace.

use std::io;

use tokio::sync::mpsc;

/// A signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT from outside (a key press of Ctrl-C is a key).
    Interrupt,
    /// SIGTERM or SIGHUP.
    Terminate,
}

/// Where signals come from.
pub struct Signals {
    from: mpsc::UnboundedReceiver<Signal>,
    /// Without a sender the stream would end, and an ended stream is ready all the time.
    _to: mpsc::UnboundedSender<Signal>,
}

impl Signals {
    /// Signals that are sent by hand.
    pub fn by_hand() -> (mpsc::UnboundedSender<Signal>, Self) {
        let (to, from) = mpsc::unbounded_channel();
        (to.clone(), Self { from, _to: to })
    }

    /// The signals of this process.
    ///
    /// # Errors
    /// When the operating system refuses a handler.
    #[cfg(unix)]
    pub fn of_process() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let (to, signals) = Self::by_hand();
        for (kind, meaning) in [
            (SignalKind::interrupt(), Signal::Interrupt),
            (SignalKind::terminate(), Signal::Terminate),
            (SignalKind::hangup(), Signal::Terminate),
        ] {
            let mut stream = signal(kind)?;
            let to = to.clone();
            tokio::spawn(async move { while stream.recv().await.is_some() && to.send(meaning).is_ok() {} });
        }
        Ok(signals)
    }

    /// The signals of this process: only Ctrl-C here.
    ///
    /// # Errors
    /// Never here.
    #[cfg(not(unix))]
    pub fn of_process() -> io::Result<Self> {
        let (to, signals) = Self::by_hand();
        tokio::spawn(
            async move { while tokio::signal::ctrl_c().await.is_ok() && to.send(Signal::Interrupt).is_ok() {} },
        );
        Ok(signals)
    }

    /// The next one; waits for ever when there is none.
    pub async fn next(&mut self) -> Option<Signal> {
        self.from.recv().await
    }
}
