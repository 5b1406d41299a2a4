//! The six requests as commands of the router, field by field, spoken by whoever the token names.

use holdfast_proto::handoff::v1::{
    CancelRequest, ConfirmRequest, JoinRequest, LeaveRequest, RecordConsentRequest, StartRequest,
};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{
    CancelHandoff, ConfirmHandoff, JoinHandoff, LeaveHandoff, RecordConsent, StartHandoff,
};

use crate::validate::{self, Malformed};

/// A command on its way: which contact it is about stays known after the router has it.
pub(crate) struct Order {
    pub(crate) request_id: String,
    pub(crate) contact_id: String,
    pub(crate) kind: Kind,
    /// Its name in metrics.
    pub(crate) name: &'static str,
}

/// A request that becomes a command of `who`, once it is well formed.
pub(crate) trait Request {
    fn order(self, who: &str) -> Result<Order, Malformed>;
}

fn order(
    request_id: String,
    contact_id: String,
    name: &'static str,
    kind: impl FnOnce(String) -> Kind,
) -> Result<Order, Malformed> {
    validate::request_id(&request_id)?;
    validate::contact_id(&contact_id)?;
    Ok(Order { request_id, kind: kind(contact_id.clone()), contact_id, name })
}

impl Request for StartRequest {
    fn order(self, who: &str) -> Result<Order, Malformed> {
        validate::start(&self)?;
        let Self { request_id, contact_id, toward, peer_type, skills, wanted_id } = self;
        let counselor_id = who.to_owned();
        order(request_id, contact_id, "start", |contact_id| {
            Kind::StartHandoff(StartHandoff { counselor_id, contact_id, toward, peer_type, skills, wanted_id })
        })
    }
}

impl Request for RecordConsentRequest {
    fn order(self, who: &str) -> Result<Order, Malformed> {
        validate::consent(&self)?;
        let Self { request_id, contact_id, given, note } = self;
        let counselor_id = who.to_owned();
        order(request_id, contact_id, "record_consent", |contact_id| {
            Kind::RecordConsent(RecordConsent { counselor_id, contact_id, given, note })
        })
    }
}

/// A request that says nothing but which contact.
macro_rules! about_a_contact {
    ($request:ident, $name:literal, $kind:ident, $command:ident) => {
        impl Request for $request {
            fn order(self, who: &str) -> Result<Order, Malformed> {
                let counselor_id = who.to_owned();
                order(self.request_id, self.contact_id, $name, |contact_id| {
                    Kind::$kind($command { counselor_id, contact_id })
                })
            }
        }
    };
}

about_a_contact!(JoinRequest, "join", JoinHandoff, JoinHandoff);
about_a_contact!(ConfirmRequest, "confirm", ConfirmHandoff, ConfirmHandoff);
about_a_contact!(LeaveRequest, "leave", LeaveHandoff, LeaveHandoff);
about_a_contact!(CancelRequest, "cancel", CancelHandoff, CancelHandoff);
