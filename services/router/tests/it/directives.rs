//! What operators decide for a while about centers and queues, and opening hours: over the wire, across restarts.

use super::house::{House, PLAN};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{self as wire, give_directive};
use tonic::{Code, Status};

fn close(center: &str, for_ms: u64, reason: &str) -> Kind {
    let measure = wire::CenterMeasure { center: center.into(), door: wire::Door::Closed as i32 };
    Kind::GiveDirective(wire::GiveDirective {
        measure: Some(give_directive::Measure::Center(measure)),
        for_ms,
        reason: reason.into(),
    })
}

async fn listed(house: &House, name: &str) -> Result<wire::ListDirectivesResponse, Status> {
    Ok(house.client(name).list_directives(wire::ListDirectivesRequest {}).await?.into_inner())
}

/// What rules Ana out for a contact.
async fn ruled_out(house: &House, contact: &str) -> String {
    let explained = house.client("olga").explain(wire::ExplainRequest { contact_id: contact.into() }).await.unwrap();
    let candidates = explained.into_inner().candidates;
    candidates.into_iter().find(|it| it.counselor_id == "ana").unwrap().ruled_out_by
}

#[tokio::test]
async fn a_center_closed_by_an_operator_stays_closed_across_a_restart() {
    let mut house = House::build().await;
    house.on_shift("ana", 1).await;
    let offered = house.call("CA1", "").await;
    house.submit("olga", close("harbor", 3_600_000, "power cut")).await;
    assert_eq!(house.accept("ana", &offered, 1).await.unwrap_err().code(), Code::FailedPrecondition);
    assert_eq!(ruled_out(&house, &offered).await, "center_closed");
    house.close().await;
    house.open(PLAN).await;
    house.on_shift("ana", 2).await;
    assert_eq!(ruled_out(&house, &offered).await, "center_closed");
    let there = listed(&house, "olga").await.unwrap();
    let [directive] = there.directives.as_slice() else { panic!("{there:?}") };
    assert_eq!((directive.by.as_str(), directive.reason.as_str()), ("olga", "power cut"));
    let left_ms = directive.until_at_ms - there.at_ms;
    assert!((3_500_000..=3_600_000).contains(&left_ms), "{left_ms}");
    let subject = wire::end_directive::Subject::Center("harbor".into());
    let end = || Kind::EndDirective(wire::EndDirective { subject: Some(subject.clone()) });
    house.submit("sue", end()).await;
    house.submit("sue", end()).await;
    assert_eq!(listed(&house, "olga").await.unwrap().directives, []);
    house.accept("ana", &offered, 2).await.unwrap();
}

#[tokio::test]
async fn only_those_who_answer_for_the_line_direct_it() {
    let house = House::build().await;
    for (number, name) in ["ana", "pat", "carrier", "desk", "dashboard"].into_iter().enumerate() {
        let refused = house.submit_as(name, number as u128 + 1, close("harbor", 60_000, "a drill")).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{name}");
        assert_eq!(listed(&house, name).await.unwrap_err().code(), Code::PermissionDenied, "{name}");
    }
    for name in ["sue", "olga", "adam"] {
        house.submit(name, close("harbor", 60_000, "a drill")).await;
        assert_eq!(listed(&house, name).await.unwrap().directives[0].by, name);
    }
}

#[tokio::test]
async fn a_directive_that_says_too_little_changes_nothing() {
    let house = House::build().await;
    let queue = |region: &str, channel: wire::Channel| {
        Some(wire::QueueKey { region: region.into(), need: "general".into(), channel: channel as i32 })
    };
    let divert = |queue, to| {
        Kind::GiveDirective(wire::GiveDirective {
            measure: Some(give_directive::Measure::Queue(wire::QueueMeasure { queue, to })),
            for_ms: 60_000,
            reason: "a drill".into(),
        })
    };
    let west = || queue("west", wire::Channel::Voice);
    let nothing = Kind::GiveDirective(wire::GiveDirective { measure: None, for_ms: 1, reason: "a drill".into() });
    let cases = [
        (close("harbour", 60_000, "a drill"), Code::NotFound),
        (close("harbor", 0, "a drill"), Code::InvalidArgument),
        (close("harbor", 8 * 86_400_000, "a drill"), Code::InvalidArgument),
        (close("harbor", 60_000, " "), Code::InvalidArgument),
        (close("harbor", 60_000, "two\nlines"), Code::InvalidArgument),
        (close("harbor", 60_000, &"x".repeat(201)), Code::InvalidArgument),
        (nothing, Code::InvalidArgument),
        (divert(west(), None), Code::InvalidArgument),
        (divert(west(), west()), Code::InvalidArgument),
        (divert(west(), queue("west", wire::Channel::Text)), Code::InvalidArgument),
        (divert(west(), queue("west", wire::Channel::Unspecified)), Code::InvalidArgument),
        (divert(queue("east", wire::Channel::Voice), west()), Code::NotFound),
    ];
    for (number, (kind, code)) in cases.into_iter().enumerate() {
        let refused = house.submit_as("olga", number as u128 + 1, kind.clone()).await.unwrap_err();
        assert_eq!(refused.code(), code, "{kind:?}: {refused}");
    }
    assert_eq!(listed(&house, "olga").await.unwrap().directives, []);
}

#[tokio::test]
async fn a_center_takes_nobody_new_outside_its_hours() {
    let mut house = House::build().await;
    house.close().await;
    // A fortnight of holidays from yesterday on, so that no midnight opens it while this runs.
    let holidays: Vec<String> = (0..14).map(|ahead| format!("\"{}\" = []", day(ahead))).collect();
    let hours = format!(
        "[[centers]]\nid = \"harbor\"\ntime_zone = \"UTC\"\nhours = {{ voice = [\"daily 00:00-24:00\"] }}\nholidays = {{ {} }}",
        holidays.join(", ")
    );
    house.open(&PLAN.replace("[[centers]]\nid = \"harbor\"", &hours)).await;
    house.on_shift("ana", 1).await;
    let waiting = house.call("CA1", "").await;
    assert_eq!(ruled_out(&house, &waiting).await, "out_of_hours");
    let closed = listed(&house, "olga").await.unwrap().out_of_hours;
    assert_eq!(closed, [wire::OutOfHours { center: "harbor".into(), closed: vec![wire::Channel::Voice as i32] }]);
    // A plan without hours: always open, and whoever waits is asked about at once.
    house.close().await;
    house.open(PLAN).await;
    house.on_shift("ana", 2).await;
    house.accept("ana", &waiting, 1).await.unwrap();
}

/// The day this many days from yesterday, by the clock of UTC.
fn day(ahead: i64) -> jiff::civil::Date {
    use jiff::ToSpan as _;
    let today = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date();
    today.checked_add((ahead - 1).days()).unwrap()
}
