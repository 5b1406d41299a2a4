//! Compares what the carrier and the desks saw, and says which laws were broken. It knows ledgers only, never Holdfast.
//!
//! Laws are numbered as in the reliability design. An auditor errs on the side of silence where two clocks or two wires cannot tell
//! an order; every such margin is a setting. Not here: laws that only the journal can show.

mod desks;
mod doubles;
mod handoffs;
mod intervals;
mod liveness;
mod offers;
mod order;
mod ownerless;
mod report;
mod settings;
mod sheet;
#[cfg(test)]
mod tests;
mod texts;

pub use desks::{DeskEntry, DeskHappened, DeskLedger, DeskPart, HandoffStep, OfferEnd, TextAuthor};
pub use report::{CallbackCounts, Finding, HandoffCounts, OfferCounts, Percentiles, Report, TextCounts};
pub use settings::AuditSettings;

use crate::carrier::CarrierLedger;
use sheet::Sheet;

/// Audits a run.
#[must_use]
pub fn audit(carrier: &CarrierLedger, desks: &[DeskLedger], settings: &AuditSettings) -> Report {
    let mut sheet = Sheet::new(carrier, desks, settings);
    if !carrier.complete {
        sheet.find("S23", carrier.until_ms, "the carrier's ledger ends early: the run reached a bound".to_owned());
    }
    doubles::check(&mut sheet);
    offers::check(&mut sheet);
    order::check(&mut sheet);
    handoffs::check(&mut sheet);
    texts::check(&mut sheet);
    ownerless::check(&mut sheet);
    liveness::check(&mut sheet);
    report::of(sheet)
}
