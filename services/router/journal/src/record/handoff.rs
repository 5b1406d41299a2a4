//! The words of a handoff: whom it looks for, what they must bring, why it came back.
//!
//! Deliberately absent: where a handoff is, which only snapshots hold.

use super::DecodeError;
use super::field::{Field, choice, message, required};
use super::tell::{Tell, Told};
use holdfast_core::handoff::{ReturnReason, Toward, Wish};
use holdfast_proto::journal::v1;

choice!(Toward: Peer, Counselor);
choice!(
    ReturnReason: ConsentTimedOut, NobodyFree, PeerSilent, LegFailed, LegLost, DeskLost, NotConfirmed, Withdrew,
    PersonLeft, OwnerLost
);

message!(Wish => Wish { peer_type, skills, wanted });
