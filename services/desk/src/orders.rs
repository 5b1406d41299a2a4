//! Commands of one desk, one after the other: each is decided by the router before the next is asked.

use std::time::Duration;

use holdfast_chassis::access::Principal;
use holdfast_proto::desk::v1::work_response::{Answered, Hear};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tonic::{Code, Status};

use crate::listen::Order;
use crate::metrics;
use crate::outgoing::Outgoing;
use crate::refusal;
use crate::router::{Router, is_final, wish};
use crate::session::End;

/// Carries out what is in line until the line is closed and empty, or the shift ends.
pub(crate) async fn carry_out(
    line: &mut mpsc::Receiver<Order>,
    who: &Principal,
    router: &Router,
    out: &Outgoing,
    command_wait: Duration,
) -> End {
    while let Some(order) = line.recv().await {
        let request = wish(order.request_id.clone(), who, order.kind);
        let decided = router.submit(request, Some(Instant::now() + command_wait)).await;
        let done = decided.is_ok();
        let (answer, outcome) = answer(order.request_id, decided.map(drop));
        metrics::command(order.name, outcome);
        if let Err(end) = out.say(Hear::Answered(answer)).await {
            return end;
        }
        if done && order.name == "sign_off" {
            return End::SignedOff;
        }
    }
    End::Left
}

fn answer(request_id: String, decided: Result<(), Status>) -> (Answered, &'static str) {
    match decided {
        Ok(()) => {
            let done = Answered { request_id, ..Answered::default() };
            (done, "done")
        }
        Err(status) if is_final(status.code()) => {
            let refused = Answered {
                request_id,
                code: status.code().into(),
                reason: refusal::reason(&status),
                message: status.message().to_owned(),
            };
            (refused, "refused")
        }
        Err(_) => {
            let away = Answered {
                request_id,
                code: Code::Unavailable.into(),
                reason: "ROUTER_AWAY".to_owned(),
                message: "Not confirmed yet: the router did not answer. Please try again in a moment.".to_owned(),
            };
            (away, "unavailable")
        }
    }
}
