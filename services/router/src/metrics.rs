//! The router's metrics. A name is an API: renaming one is a breaking change.

use holdfast_core::contact::{Contact, Direction};
use holdfast_core::conversation::{Author, Delivery};
use holdfast_core::counselor::Presence;
use holdfast_core::id::CounselorId;
use holdfast_core::state::State;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use std::time::Duration;

/// Says what each metric means.
pub fn describe() {
    describe_counter!("holdfast_commands_total", "Commands decided, by kind and outcome");
    describe_counter!("holdfast_records_total", "Journal records committed");
    describe_counter!("holdfast_contacts_arrived_total", "Contacts that arrived");
    describe_counter!("holdfast_answered_total", "Contacts connected for the first time");
    describe_counter!("holdfast_abandoned_total", "Contacts whose person left before anybody talked with them");
    describe_counter!("holdfast_offers_total", "Offers, by outcome");
    describe_counter!("holdfast_followers_cut_total", "Followers of a feed that did not keep up and were cut");
    describe_counter!("holdfast_journal_tail_cut_total", "Starts that found the journal's tail torn or damaged");
    describe_counter!("holdfast_quarantined_total", "Commands that could not be decided and were set aside");
    describe_counter!("holdfast_handoffs_total", "Handoffs, by how they ended; started counts all");
    describe_counter!("holdfast_texts_total", "Messages of conversations, by who wrote them");
    describe_counter!("holdfast_texts_failed_total", "Messages of ours that will not arrive");
    describe_counter!("holdfast_callbacks_total", "People who are called back after they were cut off in a handoff");
    describe_histogram!("holdfast_help_wait_seconds", "From asking a supervisor for help to the first answer");
    describe_gauge!("holdfast_contacts_waiting", "Contacts that wait, being offered included");
    describe_gauge!("holdfast_contact_oldest_wait_seconds", "How long the contact that has waited longest has waited");
    describe_gauge!("holdfast_counselors", "Counselors by presence");
    describe_gauge!("holdfast_epoch", "The epoch of the leading router");
    describe_histogram!("holdfast_commit_seconds", "Time to make a batch durable");
    describe_histogram!("holdfast_batch_records", "Records in a batch");
    describe_histogram!("holdfast_snapshot_seconds", "Time to encode and write a snapshot, beside the writer");
    describe_gauge!("holdfast_snapshot_bytes", "Size of the newest snapshot");
    describe_histogram!(
        "holdfast_routing_decision_seconds",
        "Time to decide one command and the offers it makes possible"
    );
    describe_histogram!("holdfast_command_wait_seconds", "From a command's arrival in the process to its decision");
    describe_histogram!("holdfast_time_to_answer_seconds", "From arrival to the first connection");
}

/// A command was decided; it `waited` from its arrival in the process.
pub fn decided(kind: &'static str, outcome: &'static str, took: Duration, waited: Duration) {
    counter!("holdfast_commands_total", "kind" => kind, "outcome" => outcome).increment(1);
    histogram!("holdfast_routing_decision_seconds").record(took);
    histogram!("holdfast_command_wait_seconds").record(waited);
}

/// A command was turned away before it was decided: a bad field, or a role that may not send it.
pub fn turned_away(kind: &'static str, outcome: &'static str) {
    counter!("holdfast_commands_total", "kind" => kind, "outcome" => outcome).increment(1);
}

/// A batch is durable.
pub fn committed(records: usize, took: Duration) {
    histogram!("holdfast_commit_seconds").record(took);
    #[expect(clippy::cast_precision_loss, reason = "a batch has at most a few hundred records")]
    histogram!("holdfast_batch_records").record(records as f64);
    counter!("holdfast_records_total").increment(u64::try_from(records).unwrap_or(0));
}

/// A snapshot was written.
pub fn snapshot_written(bytes: usize, took: Duration) {
    histogram!("holdfast_snapshot_seconds").record(took);
    #[expect(clippy::cast_precision_loss, reason = "bytes of a file that fits into memory")]
    gauge!("holdfast_snapshot_bytes").set(bytes as f64);
}

/// A follower was cut.
pub fn follower_cut() {
    counter!("holdfast_followers_cut_total").increment(1);
}

/// The journal's tail was cut at the start.
pub fn tail_cut() {
    counter!("holdfast_journal_tail_cut_total").increment(1);
}

/// A command was set aside.
pub fn quarantined() {
    counter!("holdfast_quarantined_total").increment(1);
}

/// What one committed record means for the counts.
pub fn record(state: &State, record: &holdfast_core::event::Record) {
    use holdfast_core::event::Event;
    for event in &record.events {
        match event {
            Event::ContactArrived { direction: Direction::Outbound, .. } => {
                counter!("holdfast_callbacks_total").increment(1);
            }
            Event::ContactArrived { .. } => counter!("holdfast_contacts_arrived_total").increment(1),
            Event::ContactConnected { contact, .. } => answered(state, *contact, record.at.0),
            Event::ContactClosed { outcome: holdfast_core::contact::Outcome::Abandoned, .. } => {
                counter!("holdfast_abandoned_total").increment(1);
            }
            Event::ContactOffered { .. } => offer("made"),
            Event::OfferAccepted { .. } => offer("accepted"),
            Event::OfferDeclined { .. } => offer("declined"),
            Event::OfferExpired { .. } => offer("expired"),
            Event::OfferRescinded { .. } => offer("rescinded"),
            Event::HandoffStarted { .. } => handoff("started"),
            Event::HandoffCompleted { .. } => handoff("completed"),
            Event::HandoffCancelled { .. } => handoff("cancelled"),
            Event::HandoffReturned { .. } => handoff("returned"),
            Event::TextReceived { .. } => text("person"),
            Event::TextSent { author: Author::Line, .. } => text("line"),
            Event::TextSent { .. } => text("desk"),
            Event::TextMoved { delivery: Delivery::Failed, .. } => {
                counter!("holdfast_texts_failed_total").increment(1);
            }
            Event::HelpAnswered { counselor, .. } => helped(state, counselor),
            _ => {}
        }
    }
}

fn handoff(outcome: &'static str) {
    counter!("holdfast_handoffs_total", "outcome" => outcome).increment(1);
}

fn text(author: &'static str) {
    counter!("holdfast_texts_total", "author" => author).increment(1);
}

fn helped(state: &State, counselor: &CounselorId) {
    let help = state.counselor(counselor).and_then(|it| it.help.as_ref());
    if let Some((asked, answered)) = help.and_then(|it| Some((it.asked_at, it.answered_at?))) {
        histogram!("holdfast_help_wait_seconds").record(Duration::from_millis(answered.since_ms(asked)));
    }
}

fn offer(outcome: &'static str) {
    counter!("holdfast_offers_total", "outcome" => outcome).increment(1);
}

fn answered(state: &State, contact: holdfast_core::id::ContactId, at_ms: u64) {
    let first = |it: &&Contact| it.connected_at.is_some_and(|at| at.0 == at_ms) && it.direction == Direction::Inbound;
    if let Some(contact) = state.contact(contact).filter(first) {
        counter!("holdfast_answered_total").increment(1);
        let waited = Duration::from_millis(at_ms.saturating_sub(contact.arrived_at.0));
        histogram!("holdfast_time_to_answer_seconds").record(waited);
    }
}

/// How many wait, and how many are there to help.
pub fn capacity(state: &State) {
    let (count, first) = state.queued();
    let oldest_ms = first.map_or(0, |at| state.parts().now.since_ms(at));
    for presence in [Presence::Connected, Presence::Unsure, Presence::Offline] {
        let there = state.parts().counselors.values().filter(|it| it.presence == presence).count();
        let word = match presence {
            Presence::Connected => "connected",
            Presence::Unsure => "unsure",
            Presence::Offline => "offline",
        };
        gauge!("holdfast_counselors", "presence" => word).set(f64::from(u32::try_from(there).unwrap_or(u32::MAX)));
    }
    gauge!("holdfast_contacts_waiting").set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
    gauge!("holdfast_contact_oldest_wait_seconds").set(Duration::from_millis(oldest_ms).as_secs_f64());
    #[expect(clippy::cast_precision_loss, reason = "an epoch counts starts")]
    gauge!("holdfast_epoch").set(state.parts().epoch as f64);
}
