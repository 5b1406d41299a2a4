//! The wire and nothing else: generated messages, clients and servers, one module per proto package.
//!
//! Deliberately absent: conversions to anybody's own types. Each crate converts at its own edge.

/// Everything about the protos themselves, for reflection and for comparing versions.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

macro_rules! package {
    ($(#[$doc:meta])* $area:ident, $name:literal) => {
        $(#[$doc])*
        pub mod $area {
            /// Version 1.
            pub mod v1 {
                #![allow(
                    missing_docs,
                    unused_qualifications,
                    unreachable_pub,
                    clippy::all,
                    clippy::allow_attributes,
                    clippy::allow_attributes_without_reason,
                    clippy::too_many_lines,
                    clippy::large_futures,
                    reason = "generated: prost decides what it writes, and not every file trips every lint"
                )]
                tonic::include_proto!($name);
            }
        }
    };
}
package!(
    /// The router's commands and feeds.
    router,
    "holdfast.router.v1"
);
package!(
    /// The desk's stream.
    desk,
    "holdfast.desk.v1"
);
package!(
    /// Warm handoffs, for those who are not at a desk.
    handoff,
    "holdfast.handoff.v1"
);
package!(
    /// The journal's records.
    journal,
    "holdfast.journal.v1"
);
