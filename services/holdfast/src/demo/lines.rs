//! The picture where there is no terminal: one line a second.

use super::follow::Follow;
use crate::exit;
use holdfast_proto::router::v1::ContactState;
use std::time::Duration;

/// Prints until it is dropped.
pub(super) async fn print(seen: &Follow) -> anyhow::Result<()> {
    let mut every = tokio::time::interval(Duration::from_secs(1));
    loop {
        every.tick().await;
        let now = seen.look();
        let free = now.counselors.values().filter(|it| super::follow::Seen::doing(it) == "available").count();
        exit::out(&format!(
            "waiting {:>3}  offered {:>3}  connecting {:>3}  connected {:>3}  writing up {:>3}  free counselors {:>3}  called {:>5}  talked {:>5}  left {:>4}",
            now.count(ContactState::Waiting),
            now.count(ContactState::Offered),
            now.count(ContactState::Connecting),
            now.count(ContactState::Connected),
            now.count(ContactState::WrappingUp),
            free,
            now.arrived,
            now.connected,
            now.abandoned,
        ));
    }
}
