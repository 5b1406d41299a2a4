//! What the desk says: each word read, checked and put in line.

use std::time::Duration;

use holdfast_chassis::access::Principal;
use holdfast_proto::desk::v1::WorkRequest;
use holdfast_proto::desk::v1::work_request::Say;
use holdfast_proto::desk::v1::work_response::{Answered, Hear};
use holdfast_proto::router::v1::command::Kind;
use tokio::sync::mpsc;
use tonic::Code;

use crate::inbound::Inbound;
use crate::metrics;
use crate::outgoing::Outgoing;
use crate::session::End;
use crate::validate::{self, Malformed};

/// Commands of one desk that wait their turn, at most. One more is answered with RESOURCE_EXHAUSTED.
pub(crate) const ORDERS_MAX: usize = 64;

/// Bytes of a request id that are said back when it is malformed.
const ECHO_BYTES_MAX: usize = 64;

/// A command in line.
pub(crate) struct Order {
    pub(crate) request_id: String,
    pub(crate) kind: Kind,
    pub(crate) name: &'static str,
}

/// Reads until the desk is gone. After a half-closed stream what is in line is still carried out, for `closing` at most.
pub(crate) async fn listen(
    inbound: &mut impl Inbound,
    who: &Principal,
    line: mpsc::Sender<Order>,
    out: &Outgoing,
    closing: Duration,
) -> End {
    loop {
        let request = match inbound.next().await {
            Err(end) => return end,
            Ok(None) => break,
            Ok(Some(request)) => request,
        };
        if matches!(request.say, Some(Say::Beat(_))) {
            continue;
        }
        if let Err(answer) = put_in_line(request, who, &line)
            && let Err(end) = out.say(Hear::Answered(answer)).await
        {
            return end;
        }
    }
    drop(line);
    tokio::time::sleep(closing).await;
    End::Left
}

fn put_in_line(request: WorkRequest, who: &Principal, line: &mpsc::Sender<Order>) -> Result<(), Answered> {
    let WorkRequest { request_id, say } = request;
    if let Err(wrong) = validate::request_id(&request_id) {
        return Err(refused(&request_id, &wrong));
    }
    let Some(say) = say else {
        let wrong = Malformed { field: "say", message: "must hold a command".to_owned() };
        return Err(refused(&request_id, &wrong));
    };
    let (kind, name) = validate::command(say, who).map_err(|wrong| refused(&request_id, &wrong))?;
    line.try_send(Order { request_id, kind, name }).map_err(|full| {
        let order = full.into_inner();
        metrics::command(order.name, "queue_full");
        Answered {
            request_id: order.request_id,
            code: Code::ResourceExhausted.into(),
            reason: "DESK_QUEUE_FULL".to_owned(),
            message: "Too many commands are waiting. Please try again in a moment.".to_owned(),
        }
    })
}

pub(crate) fn refused(request_id: &str, wrong: &Malformed) -> Answered {
    metrics::command("malformed", "refused");
    let mut echo = request_id.to_owned();
    echo.truncate(echo.floor_char_boundary(ECHO_BYTES_MAX));
    Answered {
        request_id: echo,
        code: Code::InvalidArgument.into(),
        reason: "FIELD_INVALID".to_owned(),
        message: format!("{}: {}", wrong.field, wrong.message),
    }
}
