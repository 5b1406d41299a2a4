//! Who waits and who is sent away when the permits are used up.

use std::time::Duration;

use holdfast_chassis::admission::{Class, Classes, Permits, RETRY_AFTER};
use holdfast_chassis::channel::Line;
use holdfast_chassis::pressure::{Level, Pressure};
use holdfast_chassis::server::GrpcServer;
use tokio::task::JoinHandle;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::probe::{Probe, Running, call, call_within, carriers_secret, loopback, open_stream, run, secret, table};

/// How many of one role may wait.
const WAITING: usize = 2;

fn begin(line: &Line, method: &'static str) -> JoinHandle<Result<String, Status>> {
    let line = line.clone();
    tokio::spawn(async move { call(&line, method).await })
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

async fn stage(total: usize) -> (Probe, Permits, Line, Running) {
    let probe = Probe::new();
    let permits = Permits::new(total, WAITING);
    let classes = Classes::new(Class::T1)
        .with("/test.Probe/Export", Class::T3)
        .with("/test.Probe/List", Class::T2)
        .with("/test.Probe/Offer", Class::T0)
        .with("/test.Probe/Follow", Class::T0);
    let server = GrpcServer::new(loopback(), table()).classes(classes).permits(permits.clone()).service(probe.clone());
    let running = run(server).await;
    let line = running.line(Some(&secret()));
    (probe, permits, line, running)
}

#[tokio::test]
async fn lower_classes_are_shed_in_order_while_the_topmost_passes() {
    let meters = holdfast_chassis::telemetry::Meters::install(&[]).unwrap();
    let (probe, permits, line, _running) = stage(20).await;
    let mut standing = Vec::new();
    // 50 %, 70 %, 85 % and 100 % of twenty.
    for (method, count) in [("Export", 10), ("List", 4), ("Enrich", 3)] {
        for _ in 0..count {
            standing.push(begin(&line, method));
        }
        probe.at_the_gate(standing.len()).await;
        let refused = call(&line, method).await.unwrap_err();
        assert_eq!(refused.code(), Code::ResourceExhausted, "{method}");
        assert_eq!(refused.get_error_details().retry_info().unwrap().retry_delay, Some(RETRY_AFTER));
    }
    for class in ["t3", "t2", "t1"] {
        let line = format!("holdfast_rpc_refused_total{{class=\"{class}\"}} 1");
        assert!(meters.render().contains(&line), "{line}");
    }
    for _ in 0..3 {
        standing.push(begin(&line, "Offer"));
    }
    probe.at_the_gate(20).await;
    probe.gate.add_permits(20);
    for one in standing {
        assert_eq!(one.await.unwrap().unwrap(), "through");
    }
    until(|| permits.in_hand() == 0).await;
    probe.gate.add_permits(1);
    assert_eq!(call(&line, "Export").await.unwrap(), "through");
}

#[tokio::test]
async fn the_topmost_class_waits_its_turn_up_to_its_deadline_and_the_bound_of_the_queue() {
    let (probe, permits, line, _running) = stage(1).await;
    let first = begin(&line, "Offer");
    probe.at_the_gate(1).await;

    let expired = call_within(&line, "Offer", Some(Duration::from_millis(60))).await.unwrap_err();
    assert_eq!(expired.code(), Code::DeadlineExceeded);

    let mut queued = Vec::new();
    for waiting in 1..=WAITING {
        queued.push(begin(&line, "Offer"));
        // One that expired may still be counted until the next one knocks.
        until(|| permits.waiting() >= waiting).await;
    }
    until(|| permits.waiting() == WAITING).await;
    let full = call(&line, "Offer").await.unwrap_err();
    assert_eq!(full.code(), Code::ResourceExhausted);

    probe.gate.add_permits(1 + WAITING);
    assert_eq!(first.await.unwrap().unwrap(), "through");
    for one in queued {
        assert_eq!(one.await.unwrap().unwrap(), "through");
    }
    until(|| permits.in_hand() == 0).await;
}

#[tokio::test]
async fn each_role_waits_in_a_queue_of_its_own_and_they_are_served_in_turn() {
    let (probe, permits, desks, running) = stage(1).await;
    let carrier = running.line(Some(&carriers_secret()));
    let first = begin(&desks, "Offer");
    probe.at_the_gate(1).await;
    // As many desks as may wait, and one more.
    let waiting: Vec<_> = (0..WAITING).map(|_| begin(&desks, "Offer")).collect();
    until(|| permits.waiting() == WAITING).await;
    assert_eq!(call(&desks, "Offer").await.unwrap_err().code(), Code::ResourceExhausted);
    // The carrier is not turned away by that, and comes after one desk, not after all of them.
    let carriers = begin(&carrier, "Offer");
    until(|| permits.waiting() == WAITING + 1).await;
    probe.gate.add_permits(3);
    assert_eq!(first.await.unwrap().unwrap(), "through");
    assert_eq!(carriers.await.unwrap().unwrap(), "through");
    assert!(waiting.iter().any(|it| !it.is_finished()), "a desk waits still");
    probe.gate.add_permits(WAITING);
    for desk in waiting {
        assert_eq!(desk.await.unwrap().unwrap(), "through");
    }
}

#[tokio::test]
async fn a_stream_holds_no_permit_once_open_and_a_client_that_leaves_gives_its_permit_back() {
    let (probe, permits, line, _running) = stage(1).await;
    let mut stream = open_stream(&line, None).await.unwrap();
    assert_eq!(stream.message().await.unwrap().unwrap(), "first");
    until(|| permits.in_hand() == 0).await;

    let leaving = begin(&line, "Offer");
    probe.at_the_gate(1).await;
    leaving.abort();
    until(|| permits.in_hand() == 0).await;
    probe.gate.add_permits(1);
    assert_eq!(call(&line, "Offer").await.unwrap(), "through");
}

#[test]
fn the_longest_prefix_decides_the_class() {
    let classes = Classes::new(Class::T2)
        .with("/router.v1.Router/", Class::T1)
        .with("/router.v1.Router/Offer", Class::T0)
        .with("/router.v1.Router/OfferExport", Class::T3);
    assert_eq!(classes.of("/router.v1.Router/Offer"), Class::T0);
    assert_eq!(classes.of("/router.v1.Router/OfferExport"), Class::T3);
    assert_eq!(classes.of("/router.v1.Router/List"), Class::T1);
    assert_eq!(classes.of("/desk.v1.Desk/List"), Class::T2);
    assert_eq!(classes.of("/grpc.health.v1.Health/Check"), Class::T0);
}

#[tokio::test]
async fn under_pressure_lower_classes_are_told_a_drawn_time_and_the_topmost_passes() {
    let probe = Probe::new();
    let pressure = Pressure::default();
    let classes = Classes::new(Class::T1)
        .with("/test.Probe/Export", Class::T3)
        .with("/test.Probe/List", Class::T2)
        .with("/test.Probe/Offer", Class::T0);
    let server =
        GrpcServer::new(loopback(), table()).classes(classes).pressure(pressure.clone()).service(probe.clone());
    let line = run(server).await.line(Some(&secret()));
    probe.gate.add_permits(100);
    // How many commands waited how many milliseconds, each time far more than before; who is turned away then.
    let steps: [(u32, u64, &[&str]); 4] = [
        (100, 0, &[]),
        (10_000, 8, &["Export"]),
        (1_000_000, 30, &["Export", "List"]),
        (100_000_000, 500, &["Export", "List"]),
    ];
    for (commands, wait_ms, away) in steps {
        pressure.waited(Duration::from_millis(wait_ms) * commands, commands);
        for method in ["Export", "List", "Enrich", "Offer"] {
            let answer = call(&line, method).await;
            if !away.contains(&method) {
                assert_eq!(answer.unwrap(), "through", "{method} at {wait_ms} ms");
                continue;
            }
            let refused = answer.unwrap_err();
            assert_eq!(refused.code(), Code::ResourceExhausted, "{method} at {wait_ms} ms");
            let told = refused.get_error_details().retry_info().unwrap().retry_delay.unwrap();
            assert!((Duration::from_secs(5)..=Duration::from_secs(10)).contains(&told), "{told:?}");
        }
    }
    assert_eq!(pressure.level(), Level::Severe);
}
