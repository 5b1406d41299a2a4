//! Who follows which feed, found by what a record concerns: a record costs those it concerns, however many follow.
//!
//! Nobody who follows can hold the hub up: whoever is full or gone is cut, and resumes from their last position.

use super::projection::{Feed, Projection};
use crate::metrics;
use holdfast_core::id::{AccountId, CounselorId};
use holdfast_proto::router::v1 as wire;
use std::collections::BTreeMap;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

/// How many may follow at once; beyond it a new one is refused and told to come back.
pub const FOLLOWERS_MAX: usize = 16_384;

type Line = Sender<wire::WatchResponse>;

/// Everybody who follows.
#[derive(Debug, Default)]
pub struct Followers {
    capacity: Vec<Line>,
    desks: BTreeMap<CounselorId, Vec<Line>>,
    effects: BTreeMap<AccountId, Vec<Line>>,
    /// How many are here, those included who went since they were last looked for.
    count: usize,
}

impl Followers {
    /// Takes somebody in; false if there is no room even after those who are gone are let go.
    pub fn add(&mut self, feed: Feed, line: Line) -> bool {
        if self.count >= FOLLOWERS_MAX {
            self.let_go();
        }
        if self.count >= FOLLOWERS_MAX {
            return false;
        }
        self.count += 1;
        match feed {
            Feed::Capacity => self.capacity.push(line),
            Feed::Desk(counselor) => self.desks.entry(counselor).or_default().push(line),
            Feed::Effects(account) => self.effects.entry(account).or_default().push(line),
        }
        true
    }

    /// Gives everybody whom a record concerns their frame.
    pub fn tell(&mut self, projection: &Projection) {
        hand_out(&mut self.capacity, projection, &Feed::Capacity);
        for account in projection.accounts() {
            if let Some(lines) = self.effects.get_mut(account) {
                hand_out(lines, projection, &Feed::Effects(account.clone()));
            }
        }
        if projection.concerns_every_desk() {
            for (counselor, lines) in &mut self.desks {
                hand_out(lines, projection, &Feed::Desk(counselor.clone()));
            }
            return;
        }
        for counselor in projection.desks() {
            if let Some(lines) = self.desks.get_mut(counselor) {
                hand_out(lines, projection, &Feed::Desk(counselor.clone()));
            }
        }
    }

    /// Shows everybody that the router lives. A beat is not worth cutting anybody for.
    pub fn beat(&mut self, beat: &wire::WatchResponse) {
        self.let_go();
        let desks = self.desks.values().flatten();
        for line in desks.chain(self.effects.values().flatten()).chain(&self.capacity) {
            drop(line.try_send(beat.clone()));
        }
    }

    /// Forgets those who are gone.
    fn let_go(&mut self) {
        let here = |lines: &mut Vec<Line>| {
            lines.retain(|it| !it.is_closed());
            !lines.is_empty()
        };
        here(&mut self.capacity);
        self.desks.retain(|_, lines| here(lines));
        self.effects.retain(|_, lines| here(lines));
        let others = self.desks.values().chain(self.effects.values()).map(Vec::len);
        self.count = self.capacity.len() + others.sum::<usize>();
    }
}

fn hand_out(lines: &mut Vec<Line>, projection: &Projection, feed: &Feed) {
    if lines.is_empty() {
        return;
    }
    let Some(mut frame) = projection.frame(feed) else { return };
    let mut left = lines.len();
    lines.retain(|it| {
        left -= 1;
        // Most feeds have one follower, who gets the frame itself.
        let frame = if left == 0 { std::mem::take(&mut frame) } else { frame.clone() };
        match it.try_send(frame) {
            Ok(()) => true,
            Err(TrySendError::Closed(_)) => false,
            Err(TrySendError::Full(_)) => {
                metrics::follower_cut();
                false
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{FOLLOWERS_MAX, Followers};
    use crate::feed::projection::Feed;
    use holdfast_core::id::CounselorId;
    use tokio::sync::mpsc;

    #[test]
    fn those_who_are_gone_make_room_and_nobody_else_does() {
        let mut followers = Followers::default();
        let desk = |number: usize| Feed::Desk(CounselorId::from(format!("c{number}").as_str()));
        let (stays, _reader) = mpsc::channel(1);
        for number in 0..FOLLOWERS_MAX - 1 {
            assert!(followers.add(desk(number), stays.clone()));
        }
        let (goes, reader) = mpsc::channel(1);
        assert!(followers.add(Feed::Capacity, goes));
        assert!(!followers.add(Feed::Capacity, stays.clone()));
        drop(reader);
        assert!(followers.add(Feed::Capacity, stays.clone()));
        assert!(!followers.add(desk(0), stays));
    }
}
