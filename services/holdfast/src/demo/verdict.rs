//! What the auditor says in the end, as JSON and as sentences. It saw only the carrier's side and the desks' side.

use holdfast_loadtests::auditor::{
    AuditSettings, CallbackCounts, DeskLedger, Finding, HandoffCounts, OfferCounts, Percentiles, TextCounts, audit,
};
use holdfast_loadtests::carrier::CarrierLedger;
use serde::Serialize;

/// The most findings that are shown.
const FINDINGS_SHOWN: usize = 20;

/// The auditor's verdict.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    contacts: Contacts,
    texts: TextCounts,
    handoffs: HandoffCounts,
    callbacks: CallbackCounts,
    /// Time that any connected person had nobody who owned them.
    ownerless_ms: u64,
    doubles: usize,
    laws_broken: usize,
    offers: OfferCounts,
    wait_ms: Percentiles,
    webhook_ack_ms: Percentiles,
    webhook_to_offer_ms: Percentiles,
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
struct Contacts {
    arrived: usize,
    connected: usize,
    abandoned: usize,
    closed: usize,
    talking: usize,
    waiting: usize,
    diverted: usize,
    unacknowledged: usize,
    lost: usize,
}

impl Verdict {
    /// Audits a night.
    ///
    /// # Errors
    /// If a ledger was cut short: then nothing can be said.
    pub(super) fn of(
        carrier: &CarrierLedger,
        desks: &[DeskLedger],
        settings: AuditSettings,
        whole: bool,
    ) -> anyhow::Result<Self> {
        anyhow::ensure!(whole, "a desk's ledger was cut short: nothing can be said about this night");
        let report = audit(carrier, desks, &settings);
        Ok(Self {
            contacts: Contacts {
                arrived: report.arrived,
                connected: report.connected,
                abandoned: report.abandoned,
                closed: report.closed,
                talking: report.talking,
                waiting: report.waiting,
                diverted: report.diverted,
                unacknowledged: report.unacknowledged,
                lost: report.lost,
            },
            texts: report.texts,
            handoffs: report.handoffs,
            callbacks: report.callbacks,
            ownerless_ms: report.ownerless_ms,
            doubles: report.doubles,
            laws_broken: report.laws_broken.len().saturating_add(report.findings_left_out),
            offers: report.offers,
            wait_ms: report.wait_ms,
            webhook_ack_ms: report.webhook_ack_ms,
            webhook_to_offer_ms: report.webhook_to_offer_ms,
            findings: report.laws_broken.into_iter().take(FINDINGS_SHOWN).collect(),
        })
    }

    /// Nobody lost, nobody held twice, nobody without an owner, no message lost, doubled or out of order, no law broken.
    pub(super) const fn is_clean(&self) -> bool {
        let people = self.contacts.lost == 0 && self.doubles == 0 && self.ownerless_ms == 0;
        let words = self.texts.lost == 0 && self.texts.doubled == 0 && self.texts.disordered == 0;
        people && words && self.laws_broken == 0
    }

    /// The same as sentences.
    pub(super) fn lines(&self) -> Vec<String> {
        let it = &self.contacts;
        let mut lines = vec![
            format!(
                "{} people called; {} talked with a counselor, {} left before, {} were still on the line.",
                it.arrived,
                it.connected,
                it.abandoned,
                it.waiting + it.talking
            ),
            format!(
                "{} offers: {} accepted, {} declined, {} not answered.",
                self.offers.made, self.offers.accepted, self.offers.declined, self.offers.expired
            ),
            format!(
                "webhook to answer p50 {:.1} ms, p99 {:.1} ms; webhook to offer p50 {:.1} ms, p99 {:.1} ms.",
                self.webhook_ack_ms.p50,
                self.webhook_ack_ms.p99,
                self.webhook_to_offer_ms.p50,
                self.webhook_to_offer_ms.p99
            ),
            format!(
                "{} conversations in writing, {} messages in, {} out: lost {}, doubled {}, out of order {}.",
                self.texts.conversations,
                self.texts.inbound,
                self.texts.outbound,
                self.texts.lost,
                self.texts.doubled,
                self.texts.disordered
            ),
            format!(
                "{} handoffs: {} completed, {} returned, {} cancelled; {} people called back, {} reached.",
                self.handoffs.started,
                self.handoffs.completed,
                self.handoffs.returned,
                self.handoffs.cancelled,
                self.callbacks.dialed,
                self.callbacks.reached
            ),
            format!(
                "lost: {}, held twice: {}, without an owner: {} ms, laws broken: {}.",
                it.lost, self.doubles, self.ownerless_ms, self.laws_broken
            ),
        ];
        lines.extend(self.findings.iter().map(|it| format!("{} at {} ms: {}", it.law, it.at_ms, it.text)));
        lines
    }
}
