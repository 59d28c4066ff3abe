//! The registry of resource kinds: one file a kind, one line here.
