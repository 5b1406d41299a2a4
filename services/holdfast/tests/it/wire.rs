//! Clients of a house: gRPC with somebody's token, webhooks signed as the carrier signs them.

use crate::house::{ACCOUNT_SID, AUTH_TOKEN, PUBLIC, Served, token};
use holdfast_carrier_codec::limits::encode_form;
use holdfast_carrier_codec::secret::Secret as Signing;
use holdfast_carrier_codec::twilio::signature::{Algorithm, SIGNATURE_HEADER, sign_form};
use holdfast_chassis::channel::{Address, Line, RemoteSettings, connect};
use holdfast_chassis::settings::Secret;
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::router_service_client::RouterServiceClient;
use holdfast_proto::router::v1::{Command, SubmitRequest, SubmitResponse};
use tonic::Status;

/// A line with somebody's token; without one for nobody.
pub(crate) fn line(served: &Served, name: Option<&str>) -> Line {
    let token = name.map(|name| Secret::from(token(name)));
    connect(&Address::Remote(RemoteSettings::new(served.server())), token.as_ref()).unwrap()
}

/// The router, as somebody.
pub(crate) fn router(served: &Served, name: &str) -> RouterServiceClient<Line> {
    RouterServiceClient::new(line(served, Some(name)))
}

/// Sends one command as somebody.
pub(crate) async fn submit(served: &Served, name: &str, kind: Kind) -> Result<SubmitResponse, Status> {
    router(served, name).submit(request(kind)).await.map(tonic::Response::into_inner)
}

pub(crate) fn request(kind: Kind) -> SubmitRequest {
    SubmitRequest {
        request_id: uuid::Uuid::new_v4().to_string(),
        on_behalf_of: None,
        command: Some(Command { kind: Some(kind) }),
    }
}

/// The stable reason of a refusal.
pub(crate) fn reason(status: &Status) -> String {
    use tonic_types::StatusExt as _;
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// The fields a refusal names.
pub(crate) fn fields(status: &Status) -> Vec<String> {
    use tonic_types::StatusExt as _;
    let named = status.get_details_bad_request().map(|it| it.field_violations).unwrap_or_default();
    named.into_iter().map(|violation| violation.field).collect()
}

/// A call's id at the carrier.
pub(crate) fn call_sid(number: u32) -> String {
    format!("CA{number:032x}")
}

/// What the carrier tells of an incoming call.
pub(crate) fn incoming(call: u32, from: &str, to: &str) -> Vec<(String, String)> {
    let call = call_sid(call);
    [("AccountSid", ACCOUNT_SID), ("CallSid", &call), ("From", from), ("To", to), ("CallStatus", "ringing")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

pub(crate) fn body_of(form: &[(String, String)]) -> String {
    encode_form(form)
}

/// The signature over a form, as the carrier makes it.
pub(crate) fn sign(path: &str, form: &[(String, String)]) -> String {
    sign_form(Algorithm::HmacSha1, &Signing::new(AUTH_TOKEN).unwrap(), &format!("{PUBLIC}{path}"), form)
}

/// Posts a webhook.
pub(crate) async fn post(served: &Served, path: &str, body: String, signature: &str) -> reqwest::Response {
    let request = reqwest::Client::new().post(served.url(path)).body(body);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.header(SIGNATURE_HEADER, signature).send().await.unwrap()
}

/// Posts a webhook with a good signature.
pub(crate) async fn hook(served: &Served, path: &str, form: &[(String, String)]) -> reqwest::Response {
    post(served, path, body_of(form), &sign(path, form)).await
}

/// The contact whose room an answer leads to.
pub(crate) fn contact_in(twiml: &str) -> String {
    let document = roxmltree::Document::parse(twiml).unwrap();
    let room = document.descendants().find(|node| node.has_tag_name("Conference")).unwrap();
    room.text().unwrap().strip_prefix("contact-").unwrap().to_owned()
}
