//! What a window says, and what of it the window settles by itself: signing in, the lease, drafts.

use holdfast_proto::desk::v1::work_request::SignIn;
use tokio::time::Instant;

use super::desk::{Desk, Wanted};
use super::{SignedIn, Window};
use crate::drafts::{DRAFT_BYTES_MAX, Words};
use crate::listen::refused;
use crate::metrics;
use crate::refusal;
use crate::session::End;
use crate::validate::{self, Malformed, NOTE_BYTES_MAX, TEXT_BYTES_MAX};
use crate::wire::{Claim, Frame, Hello, Me, Said, Spoken, TextsView, Unread, read};

const TEXTS: TextsView =
    TextsView { words_bytes_max: TEXT_BYTES_MAX, note_bytes_max: NOTE_BYTES_MAX, draft_bytes_max: DRAFT_BYTES_MAX };

impl Window {
    pub(super) fn said(&mut self, text: &str) -> Result<(), End> {
        let Spoken { request_id, said } = match read(text) {
            Ok(spoken) => spoken,
            Err(Unread { request_id, wrong }) => return self.malformed(&request_id, &wrong),
        };
        if matches!(said, Said::Beat) {
            return Ok(());
        }
        if let Err(wrong) = validate::request_id(&request_id) {
            return self.malformed(&request_id, &wrong);
        }
        match said {
            Said::Beat => Ok(()),
            Said::SignIn { sign_in, lease } => match validate::sign_in(&sign_in) {
                Err(wrong) => self.malformed(&request_id, &wrong),
                Ok(()) if self.signed_in.is_some() => self.tell(&Frame::refused(request_id, "SIGNED_IN_ALREADY")),
                Ok(()) => {
                    let SignIn { audio_address, from, has_contact } = sign_in;
                    self.sign_in(SignedIn { audio_address, from }, lease, has_contact)
                }
            },
            Said::Take => self.take(request_id),
            Said::SaveDraft { contact_id, words } => self.save_draft(request_id, &contact_id, words),
            Said::Command(say) => self.command(request_id, say),
        }
    }

    fn malformed(&self, request_id: &str, wrong: &Malformed) -> Result<(), End> {
        self.tell(&Frame::answer(refused(request_id, wrong)))
    }

    /// A window that does not have the lease says nothing.
    pub(super) fn quiet(&self, request_id: String) -> Result<(), End> {
        let reason = if self.signed_in.is_some() { "LEASE_NOT_HELD" } else { "SIGN_IN_FIRST" };
        self.tell(&Frame::refused(request_id, reason))
    }

    fn sign_in(&mut self, mut signed_in: SignedIn, lease: Claim, has_contact: bool) -> Result<(), End> {
        self.shared.pace.enter(has_contact).map_err(End::Later)?;
        match lease {
            Claim::Take => self.desk = self.begin(&mut signed_in, Wanted::Taken)?,
            Claim::IfFree => self.desk = self.begin(&mut signed_in, Wanted::Free)?,
            Claim::Quiet => self.not_before = Some(Instant::now() + self.shared.settings.lease_grace()),
        }
        self.signed_in = Some(signed_in);
        let who = &self.pass.principal;
        self.tell(&Frame::Hello(Hello {
            me: Me { name: &who.name, role: who.role.name() },
            lease: self.desk.is_some(),
            session: self.desk.as_ref().map_or(0, |desk| desk.session),
            build: self.build,
            at_ms: self.clock().0,
            names: &self.shared.names.view(),
            texts: TEXTS,
        }))
    }

    fn begin(&self, signed_in: &mut SignedIn, wanted: Wanted) -> Result<Option<Desk>, End> {
        let full = |_| End::Refused(refusal::desks_full(self.shared.settings.desks_max));
        Desk::begin(&self.shared, &self.pass.principal, signed_in, wanted).map_err(full)
    }

    fn take(&mut self, request_id: String) -> Result<(), End> {
        let Some(mut signed_in) = self.signed_in.take() else { return self.quiet(request_id) };
        if self.desk.is_none() {
            self.desk = self.begin(&mut signed_in, Wanted::Taken)?;
            metrics::lease("taken");
            self.tell(&Frame::Lease { held: true })?;
        }
        self.signed_in = Some(signed_in);
        self.tell(&Frame::done(request_id))
    }

    /// Whoever had the lease is gone: this window has it now, unless another was quicker.
    pub(super) fn take_over(&mut self) -> Result<(), End> {
        let Some(mut signed_in) = self.signed_in.take() else { return Ok(()) };
        self.desk = self.begin(&mut signed_in, Wanted::Free)?;
        self.signed_in = Some(signed_in);
        if self.desk.is_none() {
            return Ok(());
        }
        metrics::lease("vacated");
        self.tell(&Frame::Lease { held: true })
    }

    fn save_draft(&self, request_id: String, contact_id: &str, words: Words) -> Result<(), End> {
        if self.desk.is_none() {
            return self.quiet(request_id);
        }
        if let Err(wrong) = validate::contact_id("save_draft.contact_id", contact_id) {
            return self.malformed(&request_id, &wrong);
        }
        match self.shared.drafts.save(&self.pass.principal.name, contact_id, words) {
            Ok(()) => {
                metrics::draft("kept");
                self.tell(&Frame::done(request_id))
            }
            Err(not_kept) => {
                metrics::draft("refused");
                self.tell(&Frame::refused(request_id, not_kept.reason()))
            }
        }
    }
}
