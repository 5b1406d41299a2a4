//! Composes status callbacks as the carrier words them and numbers them. Sending is `callbacks.rs`.

use super::moves::Moves;
use super::script::CallSid;
use super::stamp;
use super::state::Call;
use super::wire::Form;
use tokio::sync::oneshot;

/// One status callback, composed and waiting to be sent.
pub(crate) struct Callback {
    /// The call or room it is about: callbacks about one subject go out in order.
    pub(crate) subject: String,
    /// Whose it is, if it is about a call.
    pub(crate) call: Option<CallSid>,
    pub(crate) url: String,
    pub(crate) event: &'static str,
    pub(crate) sequence: u32,
    pub(crate) form: Form,
    /// Resolves when the one before it is settled.
    pub(crate) after: Option<oneshot::Receiver<()>>,
    /// Dropped when this one is settled.
    pub(crate) settled: oneshot::Sender<()>,
}

fn pair(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// What every hook about a call carries.
pub(crate) fn call_form(account_sid: &str, call: &Call) -> Form {
    let direction = if call.dialed { "outbound-api" } else { "inbound" };
    let mut form = vec![
        pair("AccountSid", account_sid),
        pair("ApiVersion", "2010-04-01"),
        pair("CallSid", call.sid.as_str()),
        pair("CallStatus", call.status.name()),
        pair("Called", call.to.as_str()),
        pair("Caller", call.from.reveal()),
        pair("Direction", direction),
        pair("From", call.from.reveal()),
        pair("To", call.to.as_str()),
    ];
    if !call.dialed {
        form.extend([
            pair("FromCity", ""),
            pair("FromCountry", "US"),
            pair("FromState", call.from_state.as_str()),
            pair("FromZip", ""),
            pair("ToCountry", "US"),
        ]);
    }
    form
}

impl Moves<'_> {
    pub(crate) fn queue(
        &mut self,
        subject: String,
        callback: impl FnOnce(Option<oneshot::Receiver<()>>, oneshot::Sender<()>) -> Callback,
    ) {
        let (settled, tail) = oneshot::channel();
        let after = self.state.tails.insert(subject, tail);
        self.callbacks.push(callback(after, settled));
    }

    /// Tells a call's listener, if it wants to know. `status` is the status the callback reports.
    pub(crate) fn tell_call(&mut self, sid: &CallSid, wanted_as: &str, status: &str) {
        let Some(call) = self.state.calls.get_mut(sid) else { return };
        let sequence = call.next_sequence;
        call.next_sequence += 1;
        let Some(listener) = call.listener.clone().filter(|listener| listener.wants(wanted_as)) else { return };
        let mut form = call_form(&self.settings.account_sid, call);
        form.retain(|(name, _)| name != "CallStatus");
        form.extend([
            pair("CallStatus", status),
            pair("CallbackSource", "call-progress-events"),
            pair("SequenceNumber", sequence.to_string()),
            pair("Timestamp", stamp::rfc2822(stamp::now_s())),
        ]);
        if let Some(ended_s) = call.ended_s {
            form.push(pair("CallDuration", ended_s.saturating_sub(call.made_s).to_string()));
        }
        let event = match status {
            "initiated" => "initiated",
            "ringing" => "ringing",
            "in-progress" => "answered",
            _ => "completed",
        };
        let (subject, call) = (sid.as_str().to_owned(), Some(sid.clone()));
        self.queue(subject.clone(), |after, settled| Callback {
            subject,
            call,
            url: listener.url,
            event,
            sequence,
            form,
            after,
            settled,
        });
    }

    /// Tells a room's listener, if it wants to know.
    pub(crate) fn tell_room(
        &mut self,
        room_sid: &str,
        wanted_as: &str,
        event: &'static str,
        about: Option<&CallSid>,
        extra: &[(&str, &str)],
    ) {
        let Some(room) = self.state.rooms.get_mut(room_sid) else { return };
        let Some(listener) = room.listener.clone().filter(|listener| listener.wants(wanted_as)) else { return };
        room.next_sequence += 1;
        let sequence = room.next_sequence;
        let mut form = vec![
            pair("AccountSid", self.settings.account_sid.as_str()),
            pair("ConferenceSid", room_sid),
            pair("FriendlyName", room.name.as_str()),
            pair("SequenceNumber", sequence.to_string()),
            pair("StatusCallbackEvent", event),
            pair("Timestamp", stamp::rfc2822(stamp::now_s())),
        ];
        form.extend(extra.iter().map(|(name, value)| pair(name, *value)));
        let flag = |on: bool| if on { "true" } else { "false" };
        if let Some(call) = about.and_then(|sid| self.state.calls.get(sid)) {
            form.push(pair("CallSid", call.sid.as_str()));
            if let Some(label) = &call.label {
                form.push(pair("ParticipantLabel", label.as_str()));
            }
            if let Some(seat) = &call.seat {
                form.extend([
                    pair("Coaching", "false"),
                    pair("EndConferenceOnExit", flag(seat.ends_on_exit)),
                    pair("Hold", flag(seat.held)),
                    pair("Muted", flag(seat.muted)),
                    pair("StartConferenceOnEnter", flag(seat.starts)),
                ]);
            }
        }
        let (subject, call) = (room_sid.to_owned(), about.cloned());
        self.queue(subject.clone(), |after, settled| Callback {
            subject,
            call,
            url: listener.url,
            event,
            sequence,
            form,
            after,
            settled,
        });
    }
}
