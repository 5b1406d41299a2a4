//! Findings that come from what a kill does to a witness's sight, each recognised exactly in the ledgers. Everything else stands.
//!
//! Who was lost or held twice is never explained away here.

use holdfast_loadtests::auditor::{DeskHappened, DeskLedger, Finding};
use holdfast_loadtests::carrier::{CarrierLedger, Happened, HookKind};
use std::collections::BTreeMap;

/// The findings that stand.
pub(crate) fn that_stand(findings: &[Finding], carrier: &CarrierLedger, desks: &[DeskLedger]) -> Vec<Finding> {
    let explained = |it: &&Finding| match it.law {
        "S7" | "S8" => place_from_an_earlier_try(it, carrier),
        "S18" => accept_on_an_old_screen(it, desks),
        _ => false,
    };
    findings.iter().filter(|it| !explained(it)).cloned().collect()
}

/// The person who seems to have been preferred had a hook whose answer never came: they were journaled at that try and kept that
/// place, but the auditor counts them from the try that was answered.
fn place_from_an_earlier_try(finding: &Finding, carrier: &CarrierLedger) -> bool {
    let preferred = finding.text.split(" was offered ").nth(1).and_then(|it| it.split(' ').next());
    carrier.entries.iter().take_while(|it| it.at_ms <= finding.at_ms).any(|it| {
        matches!(&it.what, Happened::HookFailed { call, hook, .. }
            if *hook != HookKind::WaitTick && Some(call.as_str()) == preferred)
    })
}

/// The offer that seems to have been open beside the new one was from before the stream broke, and was accepted on a screen that
/// was not drawn anew yet. Holdfast had closed it, refused that accept, and the ledger waits for the refusal.
fn accept_on_an_old_screen(finding: &Finding, desks: &[DeskLedger]) -> bool {
    let Some((counselor, rest)) = finding.text.split_once(" saw offer ") else { return false };
    let Some(new) = rest.strip_suffix(" while another was open") else { return false };
    let lines = desks.iter().flat_map(|it| &it.entries).filter(|it| it.counselor == counselor);
    // Open offers: whether they were accepted, and whether a new session began since they were shown.
    let mut open = BTreeMap::<&str, (bool, bool)>::new();
    let mut beside = None;
    let mut refused = Vec::new();
    for line in lines {
        match &line.what {
            DeskHappened::SignedIn => open.values_mut().for_each(|it| it.1 = true),
            DeskHappened::AcceptSent { offer } => {
                open.entry(offer).and_modify(|it| it.0 = true);
            }
            DeskHappened::AcceptRefused { offer, .. } => {
                open.remove(offer.as_str());
                refused.push(offer.as_str());
            }
            DeskHappened::AcceptConfirmed { offer, .. }
            | DeskHappened::DeclineSent { offer }
            | DeskHappened::OfferClosed { offer, .. } => {
                open.remove(offer.as_str());
            }
            DeskHappened::Offered { offer, .. } => {
                if offer == new {
                    beside = Some(open.clone());
                }
                open.insert(offer, (false, false));
            }
            _ => {}
        }
    }
    beside
        .is_some_and(|it| it.iter().all(|(offer, (accepted, broken))| *accepted && *broken && refused.contains(offer)))
}

#[cfg(test)]
mod tests {
    use super::that_stand;
    use holdfast_loadtests::auditor::{DeskEntry, DeskHappened, DeskLedger, Finding};
    use holdfast_loadtests::carrier::CarrierLedger;

    fn standing(lines: Vec<DeskHappened>) -> usize {
        let entry = |what| DeskEntry { at_ms: 1, counselor: "ana".to_owned(), what };
        let desk = DeskLedger { entries: lines.into_iter().map(entry).collect() };
        let text = "ana saw offer new while another was open".to_owned();
        that_stand(&[Finding { law: "S18", at_ms: 1, text }], &CarrierLedger::default(), &[desk]).len()
    }

    #[test]
    fn only_a_refused_accept_from_before_the_stream_broke_explains_two_offers() {
        let name = |it: &str| it.to_owned();
        let shown = |it| DeskHappened::Offered { offer: name(it), contact: name("c"), deadline_ms: 9 };
        let sent = || DeskHappened::AcceptSent { offer: name("old") };
        let refused = || DeskHappened::AcceptRefused { offer: name("old"), reason: name("OFFER_NOT_OPEN") };
        let again = || DeskHappened::SignedIn;
        assert_eq!(standing(vec![shown("old"), sent(), again(), shown("new"), refused()]), 0);
        assert_eq!(standing(vec![shown("old"), again(), sent(), shown("new"), refused()]), 0);
        assert_eq!(standing(vec![shown("old"), sent(), shown("new"), refused()]), 1);
        assert_eq!(standing(vec![shown("old"), sent(), shown("new"), again(), refused()]), 1);
        assert_eq!(standing(vec![shown("old"), again(), shown("new")]), 1);
        assert_eq!(standing(vec![shown("old"), sent(), again(), shown("new")]), 1);
    }
}
