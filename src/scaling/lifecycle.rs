//! The life of an instance in a group: its states and which may follow which, as data.

use serde::{Deserialize, Serialize};

/// Where an instance is in its life in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the states are AWS's own")]
pub enum State {
    Pending,
    PendingWait,
    PendingProceed,
    InService,
    Terminating,
    TerminatingWait,
    TerminatingProceed,
    Terminated,
    EnteringStandby,
    Standby,
    Detaching,
    Detached,
}

impl State {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 12] = [
        Self::Pending,
        Self::PendingWait,
        Self::PendingProceed,
        Self::InService,
        Self::Terminating,
        Self::TerminatingWait,
        Self::TerminatingProceed,
        Self::Terminated,
        Self::EnteringStandby,
        Self::Standby,
        Self::Detaching,
        Self::Detached,
    ];

    /// AWS's word for it: `Pending:Wait`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::PendingWait => "Pending:Wait",
            Self::PendingProceed => "Pending:Proceed",
            Self::InService => "InService",
            Self::Terminating => "Terminating",
            Self::TerminatingWait => "Terminating:Wait",
            Self::TerminatingProceed => "Terminating:Proceed",
            Self::Terminated => "Terminated",
            Self::EnteringStandby => "EnteringStandby",
            Self::Standby => "Standby",
            Self::Detaching => "Detaching",
            Self::Detached => "Detached",
        }
    }

    /// The state that AWS calls so.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// The states that may follow.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Pending => &[Self::PendingWait, Self::InService, Self::Terminating],
            Self::PendingWait => &[Self::PendingProceed, Self::Terminating],
            Self::PendingProceed => &[Self::InService, Self::Terminating],
            Self::InService => &[Self::Terminating, Self::EnteringStandby, Self::Detaching],
            Self::Terminating => &[Self::TerminatingWait, Self::Terminated],
            Self::TerminatingWait => &[Self::TerminatingProceed],
            Self::TerminatingProceed => &[Self::Terminated],
            Self::EnteringStandby => &[Self::Standby],
            Self::Standby => &[Self::Pending, Self::Terminating, Self::Detaching],
            Self::Detaching => &[Self::Detached],
            Self::Terminated | Self::Detached => &[],
        }
    }

    /// Whether `next` may follow.
    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }

    /// On its way into service.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Pending | Self::PendingWait | Self::PendingProceed)
    }

    /// On its way out for good.
    pub fn is_terminating(self) -> bool {
        matches!(self, Self::Terminating | Self::TerminatingWait | Self::TerminatingProceed)
    }

    /// Counts towards what the group wants: in service, or about to be.
    pub fn counts(self) -> bool {
        self.is_pending() || self == Self::InService
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_life_begins_pending_and_ends() {
        for state in State::ALL {
            assert_eq!(State::named(state.as_str()), Some(state));
            // From every state an end can be reached, and nothing leads back to the beginning but standby.
            let mut reached = vec![state];
            let mut index = 0;
            while let Some(one) = reached.get(index).copied() {
                for next in one.next() {
                    if !reached.contains(next) {
                        reached.push(*next);
                    }
                }
                index += 1;
            }
            assert!(reached.contains(&State::Terminated) || reached.contains(&State::Detached), "{state:?}");
            assert_eq!(state.may_become(State::Pending), state == State::Standby);
        }
        assert!(!State::Pending.may_become(State::Standby));
        assert!(!State::Terminating.may_become(State::InService));
    }
}
