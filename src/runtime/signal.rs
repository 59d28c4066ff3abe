//! Signals of the operating system, as a stream that tests can replace.

use std::io;

use tokio::sync::mpsc;

/// A signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT from outside (a key press of Ctrl-C is a key).
    Interrupt,
    /// SIGTERM or SIGHUP, or the terminal is gone.
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
        tokio::spawn(async move {
            if hung_up().await.is_ok() {
                let _ = to.send(Signal::Terminate);
            }
        });
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

/// Ends when the terminal is gone. SIGHUP says so too, but only to the session's leader; when that is another program which
/// stays, nobody would tell us, and the event reader would read the end of its file for ever, on a whole core.
#[cfg(unix)]
#[expect(deprecated, reason = "unsound only for what is no true file descriptor; its successors are unsafe")]
async fn hung_up() -> io::Result<()> {
    use std::os::fd::AsFd;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    let terminal = AsyncFd::with_interest(io::stdin().as_fd().try_clone_to_owned()?, Interest::READABLE)?;
    loop {
        let mut ready = terminal.readable().await?;
        if ready.ready().is_read_closed() {
            return Ok(());
        }
        // A key was pressed: not for us.
        ready.clear_ready();
    }
}
