//! The person wrote. Any first message opens a conversation, no keyword needed, and nothing they write closes anything (R7, R25).
//! Refused is only what no queue of the plan could ever take: the carrier's fallback then says whom to call.

use super::Deciding;
use crate::command::{Answer, Command};
use crate::contact::{Contact, ContactState, Direction, Place, RegionMethod};
use crate::conversation::{Acuity, Author, OptOut, Words};
use crate::counselor::{Presence, SlotUse};
use crate::event::Event;
use crate::id::{ContactId, Language, NeedId, RegionId};
use crate::offer::RescindReason;
use crate::plan::{Plan, Texts};
use crate::refusal::Refusal;
use crate::time::Timestamp;
use alloc::collections::BTreeMap;
use alloc::string::String;

/// How many steps of priority high acuity counts as: more than any need may have.
pub(crate) const HIGH_ACUITY_STEPS: u64 = 10;

pub(super) fn decide(deciding: &mut Deciding<'_>, command: &Command) -> Result<Answer, Refusal> {
    let Command::ReceiveText { contact, person, external, line, channel, .. } = command else {
        return Ok(Answer::Ignored);
    };
    let plan = deciding.plan()?;
    if !channel.is_written() {
        return Err(Refusal::NotWritten(*contact));
    }
    if let Some((known, _)) = deciding.state.parts().externals.get(external) {
        return Ok(Answer::Arrived { contact: *known, menu: alloc::vec::Vec::new(), repeated: true });
    }
    let texts = plan.texts();
    let now = deciding.now;
    match deciding.state.conversation(*person, line, *channel) {
        Some(known) if goes_on(deciding, plan, texts, known) => {
            append(deciding, plan, texts, known, command);
            Ok(Answer::Arrived { contact: known.id, menu: alloc::vec::Vec::new(), repeated: false })
        }
        earlier => {
            if let Some(taken) = deciding.state.contact(*contact) {
                return Err(Refusal::WrongState { contact: *contact, state: taken.state });
            }
            if plan.default_queue(*channel).is_none() {
                // Nobody could ever be offered them: the carrier's own fallback can at least say whom to call.
                return Err(Refusal::NoQueueFor(*channel));
            }
            let keep_ms = plan.timing.closed_keep_ms;
            let recent = |it: &Contact| {
                let closed_at = it.deadline.map(|at| at.0.saturating_sub(keep_ms));
                closed_at.is_some_and(|at| now.0.saturating_sub(at) <= texts.reopen_ms)
            };
            let taken_up = earlier.filter(|it| texts.reopens && (!it.is_closed() || recent(it)));
            begin(deciding, plan, texts, taken_up, command);
            Ok(Answer::Arrived { contact: *contact, menu: alloc::vec::Vec::new(), repeated: false })
        }
    }
}

/// Whether the carrier has answered by itself. Carriers take "yes" for a word that ends a block; where there is none it is an answer
/// like any other.
fn has_answered(carrier_replied: bool, opt_out: OptOut, blocked: bool) -> bool {
    carrier_replied && (opt_out != OptOut::Start || blocked)
}

/// Whether what is written now belongs to this contact. One that is being written up goes on with whoever had it, if they are
/// there for it: otherwise somebody else takes it up.
fn goes_on(deciding: &Deciding<'_>, plan: &Plan, texts: &Texts, contact: &Contact) -> bool {
    match contact.state {
        ContactState::Arriving
        | ContactState::Waiting
        | ContactState::Offered
        | ContactState::Connecting
        | ContactState::Connected => true,
        ContactState::WrappingUp => {
            let holder = contact.holder.as_ref().and_then(|it| deciding.state.counselor(it));
            let there =
                holder.is_some_and(|it| it.presence != Presence::Offline && it.readiness.takes(contact.channel));
            texts.reopens && there && contact.queue.as_ref().is_some_and(|it| plan.queues.contains_key(it))
        }
        ContactState::Closed => false,
    }
}

/// The message itself, and what the carrier took it for.
fn received(deciding: &mut Deciding<'_>, texts: &Texts, contact: ContactId, message: u32, command: &Command) {
    let Command::ReceiveText { external, words, opt_out, media, written_ago_ms, .. } = command else { return };
    let idle_at = deciding.idle_at(texts);
    let written_at = Timestamp(deciding.now.0.saturating_sub(*written_ago_ms));
    deciding.happen(Event::TextReceived {
        contact,
        message,
        external: external.clone(),
        words: words.clone(),
        opt_out: *opt_out,
        media: *media,
        idle_at,
        written_at: (*written_ago_ms > 0).then_some(written_at),
    });
}

fn append(deciding: &mut Deciding<'_>, plan: &Plan, texts: &Texts, contact: &Contact, command: &Command) {
    let Command::ReceiveText { opt_out, digit, keyword, carrier_replied, .. } = command else { return };
    let talk = contact.conversation.as_deref();
    let number = talk.map_or(1, crate::conversation::Conversation::next_number);
    if contact.state == ContactState::WrappingUp {
        deciding.happen(Event::ContactReopened { contact: contact.id });
    }
    if contact.state == ContactState::Connecting && *opt_out == OptOut::Stop {
        deciding.blocked(contact);
    }
    received(deciding, texts, contact.id, number, command);
    raise(deciding, plan, contact, *opt_out);
    match contact.state {
        ContactState::Arriving => {
            let question = talk.map_or(0, |it| it.question);
            let asked = usize::try_from(question).ok().and_then(|it| texts.questions.get(it));
            let chosen = digit.and_then(|digit| asked?.choices.get(&digit).cloned()).or_else(|| keyword.clone());
            let chosen = chosen.filter(|need| plan.offers(need, &contact.region, contact.channel));
            deciding.happen(Event::QuestionAnswered { contact: contact.id, question, need: chosen.clone() });
            let need = chosen.or_else(|| contact.need.clone());
            let next = question.saturating_add(1);
            let blocked = talk.is_some_and(|it| it.opted_out);
            let silent = has_answered(*carrier_replied, *opt_out, blocked) || blocked || opt_out.is_alarm();
            let mut say = Saying { contact: contact.id, message: number, effect: contact.next_effect };
            if silent || !say.question(deciding, texts, next, &contact.language) {
                let high = high_after(contact, *opt_out);
                let late_ms = contact.late_ms();
                leave_survey(
                    deciding,
                    plan,
                    contact.id,
                    &contact.region,
                    need,
                    &contact.language,
                    contact.channel,
                    (high, late_ms),
                );
            }
        }
        ContactState::Waiting
        | ContactState::Offered
        | ContactState::Connecting
        | ContactState::Connected
        | ContactState::WrappingUp
        | ContactState::Closed => {}
    }
}

impl Deciding<'_> {
    /// Whoever has taken somebody whom the carrier does not let us write to cannot write the first word: they are with them now.
    pub(crate) fn blocked(&mut self, contact: &Contact) {
        if let Some(counselor) = contact.holder.clone() {
            self.happen(Event::ContactConnected { contact: contact.id, counselor });
        }
    }
}

fn high_after(contact: &Contact, opt_out: OptOut) -> bool {
    contact.acuity == Acuity::High || opt_out.is_alarm()
}

/// An opt-out word is an alarm: nearer to the front, and one conversation at a time for whoever has it. Whoever is being asked and
/// has somebody else is not the one, and whoever has them is asked about nobody else.
fn raise(deciding: &mut Deciding<'_>, plan: &Plan, contact: &Contact, opt_out: OptOut) {
    if !opt_out.is_alarm() || contact.acuity == Acuity::High {
        return;
    }
    let place = contact.place.map(|place| nearer(plan, place));
    deciding.happen(Event::AcuityRaised { contact: contact.id, place });
    for counselor in deciding.state.with_part_in(contact) {
        let held = counselor.load.get(&contact.id).is_some_and(|(_, used)| *used == SlotUse::Held);
        if held {
            // Whoever has them gets nobody beside them.
            deciding.rescind_all(counselor, RescindReason::AcuityRaised);
        } else if counselor.load.len() > 1 {
            deciding.rescind_from(contact, &counselor.id, RescindReason::AcuityRaised);
        }
    }
}

fn nearer(plan: &Plan, place: Place) -> Place {
    let ahead_ms = HIGH_ACUITY_STEPS.saturating_mul(plan.timing.ageing_ms);
    Place { key: place.key.saturating_sub(i64::try_from(ahead_ms).unwrap_or(i64::MAX)), ..place }
}

fn begin(deciding: &mut Deciding<'_>, plan: &Plan, texts: &Texts, earlier: Option<&Contact>, command: &Command) {
    let Command::ReceiveText { contact, person, external, line, channel, area_code, number, slot, .. } = command else {
        return;
    };
    let Command::ReceiveText { opt_out, keyword, carrier_replied, written_ago_ms, .. } = command else { return };
    let on = plan.lines.get(line);
    let here = area_code.and_then(|code| plan.area_codes.get(&code));
    let region = earlier.map(|it| it.region.clone()).or_else(|| here.cloned());
    let method = earlier
        .map_or(if here.is_some() { RegionMethod::AreaCode } else { RegionMethod::Default }, |it| it.region_method);
    let region = region.unwrap_or_else(|| plan.default_region.clone());
    let need = keyword
        .clone()
        .filter(|need| plan.offers(need, &region, *channel))
        .or_else(|| on.and_then(|on| on.need.clone()))
        .or_else(|| earlier.and_then(|it| it.need.clone()));
    let language = on
        .and_then(|on| on.language.clone())
        .or_else(|| plan.needs.get(need.as_ref()?)?.language.clone())
        .or_else(|| earlier.map(|it| it.language.clone()))
        .unwrap_or_else(|| plan.default_language.clone());
    let stop = opt_out.is_alarm();
    let blocked = earlier.and_then(|it| it.conversation.as_ref()).is_some_and(|it| it.opted_out);
    let silent = has_answered(*carrier_replied, *opt_out, blocked) || stop || (blocked && *opt_out != OptOut::Start);
    let surveyed = !silent && earlier.is_none() && need.is_none() && !texts.questions.is_empty();
    deciding.happen(Event::ContactArrived {
        contact: *contact,
        person: *person,
        external: external.clone(),
        line: line.clone(),
        channel: *channel,
        direction: Direction::Inbound,
        region: region.clone(),
        region_method: method,
        need: need.clone(),
        language: language.clone(),
        number: number.clone(),
        slot: Some(*slot),
        menu_ends_at: surveyed.then(|| deciding.now.plus_ms(texts.survey_ms)),
        follows: earlier.map(|it| it.id),
    });
    received(deciding, texts, *contact, 1, command);
    if stop {
        deciding.happen(Event::AcuityRaised { contact: *contact, place: None });
    }
    let mut say = Saying { contact: *contact, message: 1, effect: 1 };
    if !silent {
        say.reply(deciding, texts, &language);
    }
    if !(surveyed && say.question(deciding, texts, 0, &language)) {
        leave_survey(deciding, plan, *contact, &region, need, &language, *channel, (stop, *written_ago_ms));
    }
}

/// Queues a conversation. High acuity gives a place nearer to the front from the start, and so does a first message that was found
/// late: they have waited since they wrote it.
#[expect(clippy::too_many_arguments, reason = "a contact that is being made has no state to read them from")]
pub(super) fn leave_survey(
    deciding: &mut Deciding<'_>,
    plan: &Plan,
    contact: ContactId,
    region: &RegionId,
    need: Option<NeedId>,
    language: &Language,
    channel: crate::contact::Channel,
    (high, late_ms): (bool, u64),
) {
    let need = need.unwrap_or_else(|| plan.default_need.clone());
    let language = plan.needs.get(&need).and_then(|it| it.language.clone()).unwrap_or_else(|| language.clone());
    let mut place = deciding.place(plan, &need);
    place.key = place.key.saturating_sub(i64::try_from(late_ms).unwrap_or(i64::MAX));
    if high {
        place = nearer(plan, place);
    }
    deciding.queue_at(plan, contact, region, need, language, channel, place);
}

/// What the line says by itself, numbered after all that the contact has had.
struct Saying {
    contact: ContactId,
    message: u32,
    effect: u32,
}

impl Saying {
    fn reply(&mut self, deciding: &mut Deciding<'_>, texts: &Texts, language: &Language) {
        if let Some(words) = texts.reply.get(language) {
            self.say(deciding, texts, words);
        }
    }

    /// Whether there is such a question to ask.
    fn question(&mut self, deciding: &mut Deciding<'_>, texts: &Texts, number: u32, language: &Language) -> bool {
        let question = usize::try_from(number).ok().and_then(|it| texts.questions.get(it));
        let Some(words) = question.and_then(|it| worded(&it.words, language)) else { return false };
        self.say(deciding, texts, words);
        true
    }

    fn say(&mut self, deciding: &mut Deciding<'_>, texts: &Texts, words: &str) {
        self.message = self.message.saturating_add(1);
        let idle_at = deciding.idle_at(texts);
        deciding.happen(Event::TextSent {
            contact: self.contact,
            message: self.message,
            author: Author::Line,
            words: Words::Said(words.into()),
            idle_at,
        });
        deciding.happen(Event::EffectAsked {
            contact: self.contact,
            number: self.effect,
            effect: crate::effect::Effect::Send { message: self.message },
        });
        self.effect = self.effect.saturating_add(1);
    }
}

/// In the person's language, or in any that the plan has.
fn worded<'a>(words: &'a BTreeMap<Language, String>, language: &Language) -> Option<&'a str> {
    words.get(language).or_else(|| words.values().next()).map(String::as_str)
}
