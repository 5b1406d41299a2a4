//! Commands that are not answered yet, in the order they were given, with the moments they are due.

use std::collections::VecDeque;
use std::time::Duration;

use holdfast_proto::desk::v1::WorkRequest;
use holdfast_proto::desk::v1::work_response::Answered;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tonic::Code;

use super::{Answer, DeskCommand};
use crate::pause::Pause;

/// A command as it was given.
pub(super) struct Asked {
    request: WorkRequest,
    reply: Option<oneshot::Sender<Answer>>,
    until: Instant,
    ends_shift: bool,
}

impl Asked {
    pub(super) fn new(
        request_id: String,
        command: DeskCommand,
        reply: Option<oneshot::Sender<Answer>>,
        answer_wait: Duration,
    ) -> Self {
        let ends_shift = command == DeskCommand::SignOff;
        Self {
            request: WorkRequest { request_id, say: Some(command.into()) },
            reply,
            until: Instant::now() + answer_wait,
            ends_shift,
        }
    }
}

/// What an answer led to.
pub(super) enum Settled {
    /// Nothing to say: the asker was told, or the command is asked again.
    Quietly,
    /// To be said as an event.
    Aloud(Answer),
    /// As one of the above, and the shift is over.
    ShiftOver(Option<Answer>),
}

/// All of them. Bounded by its owner, who takes no more than [`super::UNANSWERED_MAX`].
#[derive(Default)]
pub(super) struct Pending {
    asked: VecDeque<Waiting>,
}

struct Waiting {
    asked: Asked,
    /// When to say it (again); none while it is said and not answered.
    due: Option<Instant>,
    pause: Pause,
}

impl Pending {
    pub(super) fn len(&self) -> usize {
        self.asked.len()
    }

    pub(super) fn push(&mut self, asked: Asked) {
        self.asked.push_back(Waiting { asked, due: Some(Instant::now()), pause: Pause::to_router() });
    }

    /// A new stream knows of none of them.
    pub(super) fn all_due(&mut self) {
        let now = Instant::now();
        for waiting in &mut self.asked {
            waiting.due = Some(now);
        }
    }

    /// The first command that is due, if any; it counts as said once [`Pending::said`] is called.
    pub(super) fn due(&self) -> Option<&WorkRequest> {
        let now = Instant::now();
        let due = |waiting: &&Waiting| waiting.due.is_some_and(|due| due <= now);
        self.asked.iter().find(due).map(|waiting| &waiting.asked.request)
    }

    pub(super) fn said(&mut self, request_id: &str) {
        if let Some(waiting) = self.asked.iter_mut().find(|waiting| waiting.asked.request.request_id == request_id) {
            waiting.due = None;
        }
    }

    /// Says nothing that is due before `until`: the wire is full.
    pub(super) fn postpone(&mut self, until: Instant) {
        for due in self.asked.iter_mut().filter_map(|waiting| waiting.due.as_mut()) {
            *due = (*due).max(until);
        }
    }

    /// The next moment something is due or out of time.
    pub(super) fn next_moment(&self) -> Option<Instant> {
        self.asked.iter().flat_map(|waiting| [waiting.due, Some(waiting.asked.until)]).flatten().min()
    }

    /// Takes out what is out of time; answers what is to be said aloud.
    pub(super) fn expire(&mut self) -> Vec<Answer> {
        let now = Instant::now();
        self.take(|waiting| waiting.asked.until <= now)
    }

    /// Takes out everything: the client ends.
    pub(super) fn give_up(&mut self) -> Vec<Answer> {
        self.take(|_| true)
    }

    fn take(&mut self, which: impl Fn(&Waiting) -> bool) -> Vec<Answer> {
        let (out, stay) = std::mem::take(&mut self.asked).into_iter().partition(which);
        self.asked = stay;
        let out: VecDeque<Waiting> = out;
        out.into_iter()
            .filter_map(|waiting| {
                let answer = Answer::not_confirmed(waiting.asked.request.request_id);
                tell(waiting.asked.reply, answer)
            })
            .collect()
    }

    /// What the service answered. Where the router was away or the line full, the command is asked again later.
    pub(super) fn settle(&mut self, answered: Answered) -> Settled {
        let found = self.asked.iter().position(|waiting| waiting.asked.request.request_id == answered.request_id);
        let Some(index) = found else { return Settled::Quietly };
        let code = Code::from_i32(answered.code);
        if matches!(code, Code::Unavailable | Code::ResourceExhausted) {
            if let Some(waiting) = self.asked.get_mut(index) {
                waiting.due = Some(Instant::now() + waiting.pause.next());
            }
            return Settled::Quietly;
        }
        let Some(waiting) = self.asked.remove(index) else { return Settled::Quietly };
        let answer =
            Answer { request_id: answered.request_id, code, reason: answered.reason, message: answered.message };
        let shift_over = waiting.asked.ends_shift && answer.is_done();
        match (shift_over, tell(waiting.asked.reply, answer)) {
            (true, aloud) => Settled::ShiftOver(aloud),
            (false, Some(aloud)) => Settled::Aloud(aloud),
            (false, None) => Settled::Quietly,
        }
    }
}

/// Tells whoever asked; gives the answer back if nobody waits for it in person.
fn tell(reply: Option<oneshot::Sender<Answer>>, answer: Answer) -> Option<Answer> {
    match reply {
        // Who asked may have stopped waiting; that is their answer.
        Some(reply) => {
            let _ = reply.send(answer);
            None
        }
        None => Some(answer),
    }
}
