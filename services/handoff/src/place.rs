//! A position in the order the router gives it: epoch first.

use holdfast_proto::router::v1::Position;

/// A position that can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    epoch: u64,
    sequence: u64,
}

impl From<Position> for Place {
    fn from(position: Position) -> Self {
        Self { epoch: position.epoch, sequence: position.sequence }
    }
}

impl From<Place> for Position {
    fn from(place: Place) -> Self {
        Self { epoch: place.epoch, sequence: place.sequence }
    }
}
