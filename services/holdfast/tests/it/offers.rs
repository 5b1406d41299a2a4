//! Offers that cannot be taken, over the real wire: unknown, somebody else's, older, run out. And contacts one does not hold.

use crate::house::{House, MAIN, PATIENCE, Served};
use crate::wire::{contact_in, hook, incoming, line, reason, submit};
use holdfast_desk::client::{ClientSettings, DeskClient, DeskCommand, DeskEvent};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{AcceptOffer, DeclineOffer, DeskOffer, EndContact, OfferState, Readiness, WriteNote};
use tonic::Code;

/// A house where everybody who dials the main line is offered for so many seconds.
fn house(offer_s: u32) -> House {
    let house = House::new();
    house.edit("plan.toml", "menu = { 1 = \"veteran\", 2 = \"spanish\" }", "need = \"general\"");
    house.edit("plan.toml", "offer_s = 20 ", &format!("offer_s = {offer_s} "));
    house
}

/// Somebody at their desk, with a phone, ready.
async fn ready(served: &Served, name: &str) -> DeskClient {
    let desk = DeskClient::start(line(served, Some(name)), "+12065550271".to_owned(), ClientSettings::default());
    assert!(desk.ask(DeskCommand::SetReadiness(Readiness::Available, Vec::new())).await.is_done());
    desk
}

async fn arrives(served: &Served) -> String {
    let form = incoming(1, "+12065550147", MAIN);
    contact_in(&hook(served, "/v1/carriers/twilio-main/voice", &form).await.text().await.unwrap())
}

/// The next offer a desk hears of in this state.
async fn offer(desk: &mut DeskClient, state: OfferState) -> DeskOffer {
    let hearing = async {
        loop {
            let offers = match desk.next().await.unwrap() {
                DeskEvent::Snapshot { snapshot, .. } => snapshot.offers,
                DeskEvent::Delta { delta, .. } => delta.offers,
                _ => continue,
            };
            if let Some(offer) = offers.into_iter().find(|offer| offer.state() == state) {
                return offer;
            }
        }
    };
    tokio::time::timeout(PATIENCE, hearing).await.unwrap_or_else(|_| panic!("no offer came to be {state:?}"))
}

fn accept(counselor: &str, offer: &str) -> Kind {
    Kind::AcceptOffer(AcceptOffer { counselor_id: counselor.to_owned(), offer_id: offer.to_owned() })
}

async fn refusal(served: &Served, name: &str, kind: Kind) -> (Code, String) {
    let refused = submit(served, name, kind).await.unwrap_err();
    (refused.code(), reason(&refused))
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_newest_offer_made_to_oneself_can_be_taken() {
    let house = house(600);
    let served = house.serve();
    let mut desks = [("ana", ready(&served, "ana").await), ("dev", ready(&served, "dev").await)];
    let contact = arrives(&served).await;
    let [(one, first), (two, second)] = &mut desks;
    let ((had, desk), (other, others), made) = tokio::select! {
        made = offer(first, OfferState::Open) => ((*one, first), (*two, second), made),
        made = offer(second, OfferState::Open) => ((*two, second), (*one, first), made),
    };
    assert_eq!(made.contact_id, contact);

    let not_theirs = refusal(&served, other, accept(other, &made.offer_id)).await;
    assert_eq!(not_theirs, (Code::NotFound, "UNKNOWN_OFFER".to_owned()));
    let never_made = refusal(&served, had, accept(had, &format!("{contact}-9"))).await;
    assert_eq!(never_made, (Code::NotFound, "UNKNOWN_OFFER".to_owned()));
    let nobody = refusal(&served, had, accept(had, "00112233445566778899aabbccddeeff-1")).await;
    assert_eq!(nobody, (Code::NotFound, "UNKNOWN_CONTACT".to_owned()));

    let end = EndContact { counselor_id: other.to_owned(), contact_id: contact.clone() };
    assert_eq!(
        refusal(&served, other, Kind::EndContact(end)).await,
        (Code::FailedPrecondition, "NOT_HOLDER".to_owned())
    );
    let words = "not mine to write".to_owned();
    let note = WriteNote { counselor_id: other.to_owned(), contact_id: contact.clone(), words };
    assert_eq!(
        refusal(&served, other, Kind::WriteNote(note)).await,
        (Code::FailedPrecondition, "NOT_HOLDER".to_owned())
    );

    let decline = DeclineOffer { counselor_id: had.to_owned(), offer_id: made.offer_id.clone() };
    submit(&served, had, Kind::DeclineOffer(decline)).await.unwrap();
    assert_eq!(offer(desk, OfferState::Declined).await.offer_id, made.offer_id);
    let newer = offer(others, OfferState::Open).await;
    assert_eq!(newer.offer_id, format!("{contact}-2"));
    let older = refusal(&served, had, accept(had, &made.offer_id)).await;
    assert_eq!(older, (Code::FailedPrecondition, "OFFER_NOT_OPEN".to_owned()));
    submit(&served, other, accept(other, &newer.offer_id)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_ran_out_cannot_be_taken() {
    let house = house(1);
    let served = house.serve();
    let mut desk = ready(&served, "ana").await;
    arrives(&served).await;
    let expired = offer(&mut desk, OfferState::Expired).await;
    let (code, why) = refusal(&served, "ana", accept("ana", &expired.offer_id)).await;
    assert_eq!((code, why.as_str()), (Code::FailedPrecondition, "OFFER_NOT_OPEN"));
}
