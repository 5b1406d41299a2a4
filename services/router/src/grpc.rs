//! The router's rpcs: submit, watch, explain, list directives. Decides nothing: it checks, converts, and waits for the writer or the hub.

use crate::access;
use crate::convert::refusal::{refusal, status};
use crate::convert::wish::{BadField, Whom, Wish};
use crate::convert::{answer, directives, explain, wish};
use crate::driver::{Decided, Failure, Job, Reply};
use crate::edge::archive::slots_of;
use crate::edge::index::PersonIndex;
use crate::edge::prepare::PrepareError;
use crate::feed::hub::{Ask, HubDoor};
use crate::feed::projection::Feed;
use crate::metrics;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use holdfast_chassis::access::principal;
use holdfast_chassis::admission::{Arrived, Class, pressed};
use holdfast_chassis::pressure::Pressure;
use holdfast_core::command::Command;
use holdfast_core::id::{AccountId, ContactId, CounselorId, RequestId};
use holdfast_core::state::State;
use holdfast_journal::Reader;
use holdfast_proto::router::v1 as wire;
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::router_service_server::RouterService;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tonic::{Code, Request, Response, Status};

/// The router's gRPC face. Clones share one writer.
#[derive(Clone)]
pub struct RouterGrpc {
    /// The way to the writer; taken away when the router stops.
    pub(crate) jobs: Arc<Mutex<Option<Sender<Job>>>>,
    /// How many commands may wait for the writer. Whoever comes when all are taken waits for one until their own deadline: a
    /// contact is never what is refused.
    pub(crate) room: Arc<Semaphore>,
    /// The way to the hub.
    pub(crate) hub: HubDoor,
    /// Whose number is whose, for erasing by number.
    pub(crate) people: Arc<Mutex<PersonIndex>>,
    /// Where everything that was ever sealed for a person is found.
    pub(crate) archive: Arc<dyn Reader>,
    /// How hard pressed the writer is. What reads the whole journal waits for a better moment.
    pub(crate) pressure: Pressure,
}

fn stopping() -> Status {
    status(Code::Unavailable, "STOPPING", "the router is stopping; send it again under the same request id")
}

impl RouterGrpc {
    async fn decide(&self, job: impl FnOnce(Reply, OwnedSemaphorePermit) -> Job) -> Result<Decided, Status> {
        let room = Arc::clone(&self.room).acquire_owned().await.map_err(|_| stopping())?;
        let (reply, answered) = oneshot::channel();
        let sent = {
            let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            jobs.as_ref().is_some_and(|jobs| jobs.send(job(reply, room)).is_ok())
        };
        if !sent {
            return Err(stopping());
        }
        match answered.await {
            Ok(Ok(decided)) => Ok(decided),
            Ok(Err(failure)) => Err(failed(&failure)),
            // The writer ended with the command in hand: whether it is durable is not known.
            Err(_) => Err(status(
                Code::Unavailable,
                "INDETERMINATE",
                "the router ended before it could answer; send it again under the same request id",
            )),
        }
    }

    /// Searches the archive for what is to be erased, beside the writer.
    async fn erase(&self, whom: Whom) -> Result<Wish, Status> {
        let person = match whom {
            Whom::Person(person) => person,
            Whom::Number(number) => {
                let people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
                let known = people.find(&number);
                known.ok_or_else(|| status(Code::NotFound, "NOBODY_KNOWN", "nobody is known by that number"))?
            }
        };
        let archive = Arc::clone(&self.archive);
        let searched = tokio::task::spawn_blocking(move || slots_of(&*archive, person)).await;
        match searched {
            Ok(Ok(slots)) => Ok(Wish::Plain(Command::ErasePerson { person, slots })),
            Ok(Err(error)) => {
                tracing::error!(%error, "nothing was erased");
                Err(status(Code::Internal, "ARCHIVE_FAILED", "the archive could not be searched; nothing was erased"))
            }
            Err(_) => Err(stopping()),
        }
    }

    /// Reads the committed state.
    async fn read<T: Send + 'static>(&self, read: impl FnOnce(&State) -> T + Send + 'static) -> Result<T, Status> {
        let (reply, answer) = oneshot::channel();
        let read = move |state: &State| drop(reply.send(read(state)));
        self.hub.send(Ask::Read(Box::new(read))).await.map_err(|_| stopping())?;
        answer.await.map_err(|_| stopping())
    }

    async fn follow(
        &self,
        feed: Feed,
        from: Option<wire::Position>,
    ) -> Result<mpsc::Receiver<wire::WatchResponse>, Status> {
        let (reply, opened) = oneshot::channel();
        self.hub.send(Ask::Follow { feed, from, reply }).await.map_err(|_| stopping())?;
        let frames = opened.await.map_err(|_| stopping())?;
        frames.ok_or_else(|| status(Code::ResourceExhausted, "TOO_MANY_FOLLOWERS", "too many follow; try again later"))
    }
}

fn failed(failure: &Failure) -> Status {
    match failure {
        Failure::Refused(it) => refusal(it),
        Failure::Edge(PrepareError::Refused(it)) => refusal(it),
        Failure::Edge(it @ PrepareError::NotOurLine) => status(Code::NotFound, "NOT_OUR_LINE", it.to_string()),
        Failure::Edge(error) => {
            tracing::error!(%error, "the edge failed");
            status(Code::Unavailable, "EDGE_FAILED", "keys or person index failed; see the router's log")
        }
        Failure::SetAside => status(Code::Internal, "SET_ASIDE", failure.to_string()),
    }
}

#[tonic::async_trait]
impl RouterService for RouterGrpc {
    async fn submit(&self, request: Request<wire::SubmitRequest>) -> Result<Response<wire::SubmitResponse>, Status> {
        let caller = principal(&request)?.clone();
        let mut arrived = Arrived::of(&request);
        let wire::SubmitRequest { request_id, on_behalf_of, command } = request.into_inner();
        let kind = command.as_ref().map_or("none", access::kind);
        let bad = |it: BadField| {
            metrics::turned_away(kind, "invalid");
            invalid(it.field, it.reason)
        };
        let command = command.ok_or_else(|| bad(BadField { field: "command", reason: "is required" }))?;
        let id: RequestId =
            request_id.parse().map_err(|_| bad(BadField { field: "request_id", reason: "must be a UUID" }))?;
        let principal = access::submit(&caller, on_behalf_of.as_ref(), &command)
            .inspect_err(|_| metrics::turned_away(kind, "denied"))?;
        let wish = match command.kind {
            Some(Kind::ErasePerson(it)) => {
                let whom = wish::whom(it).map_err(bad)?;
                self.pressure.admits(Class::T3).map_err(pressed)?;
                let wish = self.erase(whom).await?;
                // The search is not the writer's doing.
                arrived = Instant::now();
                wish
            }
            kind => wish::wish(wire::Command { kind }, access::name(&principal)).map_err(bad)?,
        };
        let job = |reply, room| Job { principal, request: Some(id), wish, kind, arrived, reply, room };
        let decided = self.decide(job).await?;
        let position = wire::Position { epoch: decided.epoch, sequence: decided.sequence };
        Ok(Response::new(answer::answer(&decided.answer, position)))
    }

    type WatchStream = BoxStream<'static, Result<wire::WatchResponse, Status>>;

    async fn watch(&self, request: Request<wire::WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let caller = principal(&request)?.clone();
        let wire::WatchRequest { from, feed } = request.into_inner();
        let feed = feed.ok_or_else(|| invalid("feed", "is required"))?;
        access::watch(&caller, &feed)?;
        let feed = match feed {
            wire::watch_request::Feed::Capacity(_) => Feed::Capacity,
            wire::watch_request::Feed::Desk(it) => Feed::Desk(CounselorId::from(it.counselor_id.as_str())),
            wire::watch_request::Feed::Effects(it) => Feed::Effects(AccountId::from(it.account.as_str())),
        };
        let frames = self.follow(feed, from).await?;
        let cut = status(Code::Aborted, "CUT", "the feed was cut; resume from the last position");
        let frames = stream::unfold(Some((frames, cut)), |following| async move {
            let (mut frames, cut) = following?;
            match frames.recv().await {
                Some(frame) => Some((Ok(frame), Some((frames, cut)))),
                None => Some((Err(cut), None)),
            }
        });
        Ok(Response::new(frames.boxed()))
    }

    async fn explain(&self, request: Request<wire::ExplainRequest>) -> Result<Response<wire::ExplainResponse>, Status> {
        access::explain(principal(&request)?)?;
        let id: ContactId = request
            .into_inner()
            .contact_id
            .parse()
            .map_err(|_| invalid("contact_id", "must be 32 hexadecimal digits"))?;
        let read = move |state: &State| holdfast_core::explain::explain(state, id);
        let explained = self.read(read).await?.map_err(|it| refusal(&it))?;
        Ok(Response::new(explain::explanation(&explained)))
    }

    async fn list_directives(
        &self,
        request: Request<wire::ListDirectivesRequest>,
    ) -> Result<Response<wire::ListDirectivesResponse>, Status> {
        access::list_directives(principal(&request)?)?;
        self.read(directives::list).await.map(Response::new)
    }
}

fn invalid(field: &'static str, reason: &'static str) -> Status {
    use tonic_types::{ErrorDetails, StatusExt as _};
    let details = ErrorDetails::with_bad_request_violation(field, reason);
    Status::with_error_details(Code::InvalidArgument, format!("{field}: {reason}"), details)
}
