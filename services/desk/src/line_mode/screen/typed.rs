//! The meaning of a typed line, given what the desk knows. With several people it never guesses whom a line is for.

use holdfast_proto::router::v1::{ContactState, HandoffToward, HelpLevel, MemberKind, Part, Readiness};
use tokio::time::Instant;

use super::contact::is_voice;
use super::{Act, Held, Purpose, Screen};
use crate::client::DeskCommand;
use crate::line_mode::sentences::{self, talk};
use crate::line_mode::words::{Said, understand};

type Wish = Result<Act, String>;

impl Screen {
    /// Understands a typed line: words to say at once, and something to do.
    pub(in crate::line_mode) fn typed(&mut self, line: &str, now: Instant) -> (Vec<String>, Option<Act>) {
        let wish = match understand(line) {
            Said::Nothing => return (Vec::new(), None),
            Said::Help => return (sentences::HELP.iter().map(|line| (*line).to_owned()).collect(), None),
            Said::Status => return (self.status(now), None),
            Said::With(number) => return (vec![self.turn_to(number)], None),
            said => self.wish(said),
        };
        match wish {
            Ok(act) => (Vec::new(), Some(act)),
            Err(kind_word) => (vec![kind_word], None),
        }
    }

    fn wish(&self, said: Said) -> Wish {
        match said {
            Said::NoteWithoutWords => Err(sentences::NOTE_EMPTY.to_owned()),
            Said::SayWithoutWords => Err(talk::SAY_EMPTY.to_owned()),
            Said::Ready => Ok(set(Readiness::Available)),
            Said::Break => Ok(set(Readiness::Break)),
            Said::Training => Ok(set(Readiness::Training)),
            Said::Accept => self.first_offer().map(DeskCommand::AcceptOffer).map(shown),
            Said::NotNow => self.first_offer().map(DeskCommand::DeclineOffer).map(shown),
            Said::Hold => self.person().map(DeskCommand::Hold).map(shown),
            Said::Resume => self.person().map(DeskCommand::Resume).map(shown),
            Said::End => self.person().map(DeskCommand::EndContact).map(shown),
            Said::GiveBack => self.person().map(DeskCommand::GiveBack).map(shown),
            Said::Done => self.written_up().map(DeskCommand::FinishWrapUp).map(shown),
            Said::MoreTime => self.written_up().map(DeskCommand::ExtendWrapUp).map(shown),
            Said::Note(words) => {
                let contact_id = self.noted()?;
                Ok(Act { command: DeskCommand::WriteNote { contact_id, words }, purpose: Purpose::Note })
            }
            Said::Say(words) => {
                let contact_id = self.in_writing()?;
                Ok(shown(DeskCommand::SendText { contact_id, words }))
            }
            Said::Quit if self.talking().next().is_some() => Err(sentences::STILL_TALKING.to_owned()),
            Said::Quit => Ok(Act { command: DeskCommand::SignOff, purpose: Purpose::Leave }),
            other => self.of_two(other),
        }
    }

    /// Handoffs and help.
    fn of_two(&self, said: Said) -> Wish {
        let handoff = |make: fn(String) -> DeskCommand| self.handed().map(make).map(shown);
        match said {
            Said::Handoff => {
                let peer = self.mine.kind() == MemberKind::Peer;
                let toward = if peer { HandoffToward::Counselor } else { HandoffToward::Peer };
                let (peer_type, skills, wanted_id) = (String::new(), Vec::new(), String::new());
                let contact_id = self.person()?;
                Ok(shown(DeskCommand::StartHandoff { contact_id, toward, peer_type, skills, wanted_id }))
            }
            Said::ConsentYes(note) => {
                let contact_id = self.handed()?;
                Ok(shown(DeskCommand::Consent { contact_id, given: true, note }))
            }
            Said::ConsentNo => {
                let contact_id = self.handed()?;
                Ok(shown(DeskCommand::Consent { contact_id, given: false, note: String::new() }))
            }
            Said::Join => handoff(DeskCommand::JoinHandoff),
            Said::Confirm => handoff(DeskCommand::ConfirmHandoff),
            Said::Leave => handoff(DeskCommand::LeaveHandoff),
            Said::Cancel => handoff(DeskCommand::CancelHandoff),
            Said::AskQuestion => Ok(self.ask(HelpLevel::Question)),
            Said::AskJoin => Ok(self.ask(HelpLevel::Join)),
            Said::AskEmergency => Ok(self.ask(HelpLevel::Emergency)),
            Said::HelpOver => Ok(shown(DeskCommand::EndHelp)),
            _ => Err(sentences::UNKNOWN.to_owned()),
        }
    }

    /// Help is asked for whoever one is with; with several or nobody, for oneself.
    fn ask(&self, level: HelpLevel) -> Act {
        let contact_id = self.person().unwrap_or_default();
        shown(DeskCommand::AskHelp { contact_id, level })
    }

    fn turn_to(&mut self, number: u32) -> String {
        let found = self.contacts.iter().find(|(_, held)| held.number == number);
        let Some((contact_id, held)) = found else { return talk::NO_SUCH_PERSON.to_owned() };
        let what = sentences::contact(held.view.queue.as_ref(), &held.view.language);
        self.chosen = Some(contact_id.clone());
        format!("You have turned to {number}: {what}.")
    }

    /// The offer that ends first.
    fn first_offer(&self) -> Result<String, String> {
        let first = self.offers.values().min_by_key(|offer| offer.deadline);
        first.map(|offer| offer.view.offer_id.clone()).ok_or_else(|| sentences::NO_OFFER.to_owned())
    }

    fn talking(&self) -> impl Iterator<Item = &Held> {
        let talks = |held: &&Held| matches!(held.view.state(), ContactState::Connecting | ContactState::Connected);
        self.contacts.values().filter(talks)
    }

    /// The one among these that a line is for: the only one, or the one turned to.
    fn only<'a>(&self, among: impl Iterator<Item = &'a Held>, nobody: &str) -> Result<&'a Held, String> {
        let among: Vec<_> = among.collect();
        match among.as_slice() {
            [] => Err(nobody.to_owned()),
            [one] => Ok(one),
            several => {
                let turned_to = |held: &&&Held| self.chosen.as_ref() == Some(&held.view.contact_id);
                let numbers = || several.iter().map(|held| held.number).collect::<Vec<_>>();
                several.iter().find(turned_to).copied().ok_or_else(|| talk::several(&numbers()))
            }
        }
    }

    /// The person one is with.
    fn person(&self) -> Result<String, String> {
        self.only(self.talking(), sentences::NO_PERSON).map(|held| held.view.contact_id.clone())
    }

    fn in_writing(&self) -> Result<String, String> {
        let nobody = if self.talking().next().is_some() { talk::NOT_IN_WRITING } else { sentences::NO_PERSON };
        let written = self.talking().filter(|held| !is_voice(&held.view));
        self.only(written, nobody).map(|held| held.view.contact_id.clone())
    }

    fn written_up(&self) -> Result<String, String> {
        let nobody = if self.talking().next().is_some() { sentences::STILL_TALKING } else { sentences::NO_WRAP_UP };
        self.only(self.writing_up(), nobody).map(|held| held.view.contact_id.clone())
    }

    fn writing_up(&self) -> impl Iterator<Item = &Held> {
        let writes =
            |held: &&Held| held.view.state() == ContactState::WrappingUp || held.view.part() == Part::WritingUp;
        self.contacts.values().filter(writes)
    }

    /// Whom a note is about: whoever one is with, or else writes up.
    fn noted(&self) -> Result<String, String> {
        if self.talking().next().is_some() {
            return self.person();
        }
        self.only(self.writing_up(), sentences::NO_PERSON).map(|held| held.view.contact_id.clone())
    }

    /// The contact whose handoff is under way.
    fn handed(&self) -> Result<String, String> {
        let under_way = self.contacts.values().filter(|held| {
            held.view
                .handoff
                .as_ref()
                .and_then(|handoff| handoff.view.as_ref())
                .is_some_and(|view| !is_over(view.state()))
        });
        self.only(under_way, talk::NO_HANDOFF).map(|held| held.view.contact_id.clone())
    }
}

fn is_over(state: holdfast_proto::router::v1::HandoffState) -> bool {
    use holdfast_proto::router::v1::HandoffState as State;
    matches!(state, State::Completed | State::Cancelled | State::Returned | State::Unspecified)
}

fn shown(command: DeskCommand) -> Act {
    Act { command, purpose: Purpose::Shown }
}

fn set(readiness: Readiness) -> Act {
    shown(DeskCommand::SetReadiness(readiness, Vec::new()))
}
