//! Following: a snapshot, then each step once, and taking it up again where it was left.

use holdfast_proto::handoff::v1::Handoff;
use holdfast_proto::handoff::v1::watch_response::{Frame, Update};
use holdfast_proto::router::v1::{ContactState, ContactView, HandoffState, HandoffView, OfferState, Position};

use crate::stage::{CONTACT, Stage, contact, hasty, nth, offer, queue, view};

#[tokio::test]
async fn a_handoff_is_told_step_by_step_with_all_that_is_known_of_it() {
    let stage = Stage::set(hasty()).await;
    let mut sue = stage.watch("sue", None).await;
    assert!(sue.snapshot().await.handoffs.is_empty());
    stage.router.lock().at_ms = 1_000_007;
    let position = stage.router.contact(contact(CONTACT, HandoffState::Consenting, ""));
    let heard = sue.next().await.unwrap();
    assert_eq!((heard.position, heard.at_ms), (Some(position), 1_000_007));
    let started = Handoff {
        contact_id: CONTACT.to_owned(),
        view: Some(view(HandoffState::Consenting, "")),
        queue: Some(queue()),
        what: "started".to_owned(),
        asking_id: String::new(),
        position: Some(position),
        at_ms: 1_000_007,
    };
    assert_eq!(heard.frame, Some(Frame::Update(Update { steps: vec![started] })));
    let seeking = contact(CONTACT, HandoffState::Seeking, "");
    stage.router.append(vec![seeking.clone()], vec![offer(1, "pat", OfferState::Open)]);
    let steps = sue.steps().await;
    assert_eq!([&*steps[0].what, &*steps[1].what], ["consented", "asked"]);
    assert_eq!([&*steps[0].asking_id, &*steps[1].asking_id], ["", "pat"]);
    // A text in the meantime moves the contact, and says nothing of its handoff.
    stage.router.contact(ContactView { unanswered_since_ms: 1, ..seeking.clone() });
    stage.router.append(vec![seeking], vec![offer(1, "pat", OfferState::Expired), offer(2, "pia", OfferState::Open)]);
    let steps = sue.steps().await;
    assert_eq!([&*steps[0].what, &*steps[1].what], ["passed", "asked"]);
    assert_eq!([&*steps[0].asking_id, &*steps[1].asking_id], ["", "pia"]);
    for (state, what) in [
        (HandoffState::Briefing, "reserved"),
        (HandoffState::Joining, "joining"),
        (HandoffState::Together, "together"),
        (HandoffState::Confirmed, "confirmed"),
        (HandoffState::Completed, "completed"),
    ] {
        stage.router.contact(contact(CONTACT, state, "pia"));
        let steps = sue.steps().await;
        assert_eq!(steps.len(), 1);
        assert_eq!((&*steps[0].what, &*steps[0].asking_id), (what, ""));
        assert_eq!(steps[0].view.as_ref().unwrap().state(), state);
        assert_eq!(steps[0].view.as_ref().unwrap().deadline_ms, 1_060_000);
    }
    let mut late = stage.watch("sue", None).await;
    let kept = late.snapshot().await;
    assert_eq!((kept.handoffs.len(), &*kept.handoffs[0].what, kept.incomplete), (1, "completed", false));
}

#[tokio::test]
async fn what_one_decision_confirmed_and_completed_is_told_as_both() {
    let stage = Stage::set(hasty()).await;
    stage.sees(stage.router.contact(contact(CONTACT, HandoffState::Together, "pat"))).await;
    let mut pat = stage.watch("pat", None).await;
    assert_eq!(pat.snapshot().await.handoffs[0].what, "together");
    stage.router.contact(contact(CONTACT, HandoffState::Completed, "pat"));
    assert_eq!(pat.words().await, ["confirmed", "completed"]);
}

#[tokio::test]
async fn a_detail_that_changes_is_told_under_the_same_word() {
    let stage = Stage::set(hasty()).await;
    stage.sees(stage.router.contact(contact(CONTACT, HandoffState::Together, "pat"))).await;
    let mut pat = stage.watch("pat", None).await;
    pat.snapshot().await;
    let later = HandoffView { deadline_ms: 1_090_000, ..view(HandoffState::Together, "pat") };
    let moved = ContactView { handoff: Some(later), ..contact(CONTACT, HandoffState::Together, "pat") };
    stage.router.contact(moved);
    let steps = pat.steps().await;
    assert_eq!((steps.len(), &*steps[0].what), (1, "together"));
    assert_eq!(steps[0].view.as_ref().unwrap().deadline_ms, 1_090_000);
}

#[tokio::test]
async fn a_later_handoff_says_that_an_earlier_one_is_over_and_a_closed_contact_has_none_open() {
    let stage = Stage::set(hasty()).await;
    stage.sees(stage.router.contact(contact(CONTACT, HandoffState::Seeking, ""))).await;
    let mut ana = stage.watch("ana", None).await;
    ana.snapshot().await;
    let second = HandoffView { number: 2, ..view(HandoffState::Consenting, "") };
    let anew = ContactView { handoff: Some(second.clone()), ..contact(CONTACT, HandoffState::Consenting, "") };
    stage.router.contact(anew.clone());
    assert_eq!(ana.words().await, ["gone", "started"]);
    stage.router.contact(ContactView { state: ContactState::Closed.into(), ..anew });
    let steps = ana.steps().await;
    assert_eq!((steps.len(), &*steps[0].what), (1, "gone"));
    assert_eq!(steps[0].view.as_ref().unwrap().state(), HandoffState::Unspecified);
    assert_eq!(steps[0].view.as_ref().unwrap().number, 2);
}

#[tokio::test]
async fn who_comes_back_hears_what_they_missed_once_and_in_order() {
    let stage = Stage::set(hasty()).await;
    let mut sue = stage.watch("sue", None).await;
    sue.snapshot().await;
    stage.router.contact(contact(CONTACT, HandoffState::Consenting, ""));
    assert_eq!(sue.words().await, ["started"]);
    let left_at = sue.last;
    drop(sue);
    let mut other = stage.watch("opal", left_at).await;
    for (index, state) in
        [HandoffState::Seeking, HandoffState::Briefing, HandoffState::Together].into_iter().enumerate()
    {
        let to = if index == 0 { "" } else { "pat" };
        stage.router.contact(contact(CONTACT, state, to));
        other.steps().await;
    }
    let mut back = stage.watch("sue", left_at).await;
    for what in ["consented", "reserved", "together"] {
        assert_eq!(back.words().await, [what]);
    }
    // Of those, Pat had a part in two.
    let mut pat = stage.watch("pat", left_at).await;
    for what in ["reserved", "together"] {
        assert_eq!(pat.words().await, [what]);
    }
    let up_to_date = back.last;
    let mut nothing_missed = stage.watch("sue", up_to_date).await;
    stage.router.contact(contact(CONTACT, HandoffState::Confirmed, "pat"));
    assert_eq!(nothing_missed.words().await, ["confirmed"], "no snapshot, and nothing twice");
}

#[tokio::test]
async fn a_position_that_is_not_known_here_gets_a_snapshot() {
    let stage = Stage::set(hasty()).await;
    stage.sees(stage.router.contact(contact(CONTACT, HandoffState::Consenting, ""))).await;
    for (epoch, sequence) in [(0, 7), (1, 1_000), (9, 1)] {
        let mut sue = stage.watch("sue", Some(Position { epoch, sequence })).await;
        assert_eq!(sue.snapshot().await.handoffs.len(), 1, "{epoch}.{sequence}");
    }
}

#[tokio::test]
async fn beats_say_where_one_stands_and_how_long_the_router_has_been_silent() {
    let stage = Stage::set(hasty()).await;
    let mut sue = stage.watch("sue", None).await;
    sue.snapshot().await;
    // Nothing of this concerns handoffs, and still the position to resume from moves on.
    let other = |number| ContactView { contact_id: nth(number), ..ContactView::default() };
    let moved: Vec<_> = (0..5).map(|number| stage.router.contact(other(number))).collect();
    let last = moved.last().copied();
    loop {
        let (heard, beat) = sue.beat().await;
        assert!(beat.router_ms < 20_000);
        if heard.position == last {
            break;
        }
    }
    stage.router.go_away();
    let mut before = 0;
    for _ in 0..3 {
        let (heard, beat) = sue.beat().await;
        assert_eq!(heard.position, last);
        assert!(beat.router_ms >= before);
        before = beat.router_ms;
    }
    while before < 500 {
        before = sue.beat().await.1.router_ms;
    }
}
