//! What went over the wire: one record for one attempt of one API call, for the call log and for tests that
//! prove that nothing was changed. No parameters and no bodies: nothing secret can get in.

use serde::{Deserialize, Serialize};

/// One attempt of one API call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiCall {
    /// The service as the SDK names it: `EC2`, `SSM`, `STS`.
    pub service: String,
    /// The operation: `DescribeVpcs`.
    pub operation: String,
    /// The region it was sent to.
    pub region: String,
    /// The time from its start to its answer, in milliseconds of wall-clock time.
    pub millis: u64,
    /// The HTTP status; `None` when no answer came.
    pub status: Option<u16>,
    /// The error code of an answer that is an error.
    pub code: Option<String>,
    /// AWS's id of the request, when the answer carries one.
    pub request_id: Option<String>,
    /// The cloud's clock less this machine's, in milliseconds, from the answer's `Date` (whole seconds); `None` when it
    /// has none.
    pub skew: Option<i64>,
}

impl ApiCall {
    /// Whether the operation can change the cloud. Only names that AWS keeps for reading count as reads.
    pub fn mutates(&self) -> bool {
        // A launch that was only asked about, or that the Marketplace refuses, changes nothing.
        let asked = matches!(self.code.as_deref(), Some("DryRunOperation" | "OptInRequired"));
        !asked && !["Describe", "Get", "List"].iter().any(|read| self.operation.starts_with(read))
    }

    /// Whether the attempt succeeded.
    pub fn ok(&self) -> bool {
        self.status.is_some_and(|status| status < 400)
    }
}
