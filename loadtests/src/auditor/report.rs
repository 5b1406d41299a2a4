//! What an audit says in the end: counts that add up, findings, and how long things took.

use super::sheet::{Offer, Sheet};
use crate::carrier::{EndedBy, Story};
use hdrhistogram::Histogram;
use serde::Serialize;

/// One broken law, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The law's number, for example `S3`.
    pub law: &'static str,
    /// When, on the run's clock.
    pub at_ms: u64,
    /// What happened, with ids; never anything about a person.
    pub text: String,
}

/// Offers as the desks saw them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OfferCounts {
    /// Shown.
    pub made: usize,
    /// Accepted and confirmed.
    pub accepted: usize,
    /// Declined.
    pub declined: usize,
    /// Run out.
    pub expired: usize,
}

/// Messages of conversations in writing, between the carrier and the desks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TextCounts {
    /// People on a line, in writing, whom Holdfast acknowledged.
    pub conversations: usize,
    /// Messages of people that Holdfast acknowledged.
    pub inbound: usize,
    /// Messages that the carrier took from Holdfast.
    pub outbound: usize,
    /// Acknowledged, and not shown to whoever had the person; or said to be sent, and never at the carrier.
    pub lost: usize,
    /// Shown, or sent, more than once.
    pub doubled: usize,
    /// Shown, or sent, before one that came earlier for certain.
    pub disordered: usize,
}

/// Handoffs as the desks saw them. What is missing of `started` was under way at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HandoffCounts {
    /// Begun.
    pub started: usize,
    /// The other one has the person.
    pub completed: usize,
    /// Something failed, and the person stayed with whoever had them.
    pub returned: usize,
    /// Called off.
    pub cancelled: usize,
}

/// People who were called back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallbackCounts {
    /// Dials to a person.
    pub dialed: usize,
    /// Picked up, and somebody was with them.
    pub reached: usize,
}

/// Percentiles, milliseconds; 0 where nothing was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// How many were measured.
    pub count: u64,
    /// Half were faster.
    pub p50: f64,
    /// 99 of 100 were faster.
    pub p99: f64,
}

/// The result of an audit.
///
/// `arrived = closed + talking + abandoned + waiting + diverted + unacknowledged + lost`, except that a person who is lost because
/// they are stuck is counted under `lost` only.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Persons whose calls arrived.
    pub arrived: usize,
    /// Persons who had a counselor with them at any time (some of `closed`, `talking` and `diverted`).
    pub connected: usize,
    /// Had a counselor; the call is over.
    pub closed: usize,
    /// Had a counselor; on the line at the end of the run.
    pub talking: usize,
    /// Hung up before a counselor was with them.
    pub abandoned: usize,
    /// On the line without a counselor at the end of the run.
    pub waiting: usize,
    /// Sent to a landline, by the fallback or by Holdfast's document.
    pub diverted: usize,
    /// Over without ever having been put in a room: hung up during the questions, or rejected.
    pub unacknowledged: usize,
    /// Acknowledged, and lost by our side.
    pub lost: usize,
    /// Persons or counselors held twice.
    pub doubles: usize,
    /// How long people who had been connected had nobody: see `ownerless`.
    pub ownerless_ms: u64,
    /// Conversations in writing.
    pub texts: TextCounts,
    /// Handoffs.
    pub handoffs: HandoffCounts,
    /// Callbacks; their calls are in none of the counts of persons.
    pub callbacks: CallbackCounts,
    /// Broken laws, by time.
    pub laws_broken: Vec<Finding>,
    /// Findings beyond the bound of the list.
    pub findings_left_out: usize,
    /// Offers.
    pub offers: OfferCounts,
    /// From the acknowledgement to the first counselor in the room.
    pub wait_ms: Percentiles,
    /// From a voice hook to its 2xx.
    pub webhook_ack_ms: Percentiles,
    /// From the hook that was acknowledged to the first offer on a desk. Whoever was offered before that hook went out is not
    /// counted: their time for pressing a digit was over, and no hook queued them.
    pub webhook_to_offer_ms: Percentiles,
}

/// An hour in microseconds: longer times count as this long.
const LONGEST_US: u64 = 3_600_000_000;

fn percentiles(values_us: impl Iterator<Item = u64>) -> Percentiles {
    let Ok(mut histogram) = Histogram::<u64>::new_with_bounds(1, LONGEST_US, 3) else { return Percentiles::default() };
    for value in values_us {
        histogram.saturating_record(value.max(1));
    }
    if histogram.is_empty() {
        return Percentiles::default();
    }
    let ms = |quantile: f64| {
        let value_us = u32::try_from(histogram.value_at_quantile(quantile)).unwrap_or(u32::MAX);
        f64::from(value_us) / 1_000.0
    };
    Percentiles { count: histogram.len(), p50: ms(0.5), p99: ms(0.99) }
}

enum Fate {
    Closed,
    Talking,
    Abandoned,
    Waiting,
    Diverted,
    Unacknowledged,
    Lost,
}

fn fate(sheet: &Sheet<'_>, index: usize, story: &Story) -> Fate {
    if sheet.lost.contains(&index) {
        return Fate::Lost;
    }
    match (story.diverted_ms, story.accompanied_ms, story.ended, story.acked_ms) {
        (Some(_), ..) => Fate::Diverted,
        (_, Some(_), Some(_), _) => Fate::Closed,
        (_, Some(_), None, _) => Fate::Talking,
        (_, None, Some(_), None) => Fate::Unacknowledged,
        (_, None, Some((_, EndedBy::Person)), Some(_)) => Fate::Abandoned,
        // Ended by our side after an acknowledgement, without a counselor: `liveness` has put it among the lost.
        (_, None, Some(_), Some(_)) => Fate::Lost,
        (_, None, None, _) => Fate::Waiting,
    }
}

/// Draws up the report.
pub(crate) fn of(mut sheet: Sheet<'_>) -> Report {
    let mut report = Report {
        doubles: sheet.doubles.len(),
        ownerless_ms: sheet.ownerless_ms,
        texts: sheet.texts,
        handoffs: super::handoffs::count(&sheet),
        ..Report::default()
    };
    for (index, story) in sheet.stories.iter().enumerate() {
        if story.outbound {
            report.callbacks.dialed += 1;
            report.callbacks.reached += usize::from(story.accompanied_ms.is_some());
            continue;
        }
        report.arrived += 1;
        report.connected += usize::from(story.accompanied_ms.is_some());
        match fate(&sheet, index, story) {
            Fate::Closed => report.closed += 1,
            Fate::Talking => report.talking += 1,
            Fate::Abandoned => report.abandoned += 1,
            Fate::Waiting => report.waiting += 1,
            Fate::Diverted => report.diverted += 1,
            Fate::Unacknowledged => report.unacknowledged += 1,
            Fate::Lost => report.lost += 1,
        }
    }
    let count = |is: fn(&Offer) -> bool| sheet.offers.iter().filter(|offer| is(offer)).count();
    report.offers = OfferCounts {
        made: sheet.offers.len(),
        accepted: count(|offer| offer.confirmed_ms.is_some()),
        declined: count(|offer| offer.declined_ms.is_some()),
        expired: count(Offer::expired),
    };
    let span_us =
        |from_ms: Option<u64>, until_ms: Option<u64>| Some(until_ms?.checked_sub(from_ms?)?.saturating_mul(1_000));
    report.wait_ms = percentiles(sheet.stories.iter().filter_map(|s| span_us(s.acked_ms, s.accompanied_ms)));
    report.webhook_ack_ms = percentiles(sheet.carrier.hook_answer_us());
    let first_offers = sheet.stories.iter().enumerate();
    report.webhook_to_offer_ms =
        percentiles(first_offers.filter_map(|(index, story)| span_us(story.asked_ms, sheet.first_offer_ms(index))));
    sheet.findings.sort_by(|a, b| (a.at_ms, a.law, &a.text).cmp(&(b.at_ms, b.law, &b.text)));
    report.laws_broken = sheet.findings;
    report.findings_left_out = sheet.findings_left_out;
    report
}
