//! The in-process way. Time is paused where it only has to pass.

use std::time::Duration;

use holdfast_chassis::channel::{Address, CONNECT_WAIT, Door, Line, connect};
use holdfast_chassis::server::{GrpcServer, GrpcSettings};
use holdfast_chassis::shutdown::Shutdown;
use tokio::task::JoinHandle;
use tonic::Code;

use crate::probe::{Probe, call, open_stream, secret, table};

async fn serve_behind(door: &Door, probe: &Probe) -> (Shutdown, JoinHandle<()>) {
    let settings = GrpcSettings { drain_ms_max: 100, ..GrpcSettings::default() };
    let bound = GrpcServer::new(settings, table()).door(door.clone()).service(probe.clone()).bind().await.unwrap();
    assert_eq!(bound.local_address(), None);
    let shutdown = Shutdown::new();
    let stop = shutdown.clone();
    (shutdown, tokio::spawn(async move { bound.serve(stop).await.unwrap() }))
}

fn line_through(door: &Door) -> Line {
    connect(&Address::InProcess(door.clone()), Some(&secret())).unwrap()
}

#[tokio::test]
async fn a_line_survives_the_restart_of_the_service_behind_the_door() {
    let (door, probe) = (Door::new(), Probe::new());
    let line = line_through(&door);
    for _ in 0..3 {
        let (shutdown, served) = serve_behind(&door, &probe).await;
        assert_eq!(call(&line, "Who").await.unwrap(), "maria counselor");
        shutdown.trigger();
        served.await.unwrap();
    }
}

#[tokio::test]
async fn the_same_gate_stands_behind_the_door() {
    let (door, probe) = (Door::new(), Probe::new());
    let _serving = serve_behind(&door, &probe).await;
    let stranger = connect(&Address::InProcess(door.clone()), None).unwrap();
    assert_eq!(call(&stranger, "Who").await.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test(start_paused = true)]
async fn nobody_behind_the_door_is_unavailable_after_the_connect_wait() {
    let (door, probe) = (Door::new(), Probe::new());
    let line = line_through(&door);
    let begun = tokio::time::Instant::now();
    assert_eq!(call(&line, "Who").await.unwrap_err().code(), Code::Unavailable);
    assert!(begun.elapsed() >= CONNECT_WAIT && begun.elapsed() < CONNECT_WAIT + Duration::from_secs(1));
    let _serving = serve_behind(&door, &probe).await;
    assert_eq!(call(&line, "Who").await.unwrap(), "maria counselor");
}

#[tokio::test]
async fn a_stream_that_never_ends_is_cut_when_the_drain_is_over() {
    let (door, probe) = (Door::new(), Probe::new());
    let line = line_through(&door);
    let (shutdown, served) = serve_behind(&door, &probe).await;
    let mut stream = open_stream(&line, None).await.unwrap();
    assert_eq!(stream.message().await.unwrap().unwrap(), "first");
    shutdown.trigger();
    served.await.unwrap();
    assert!(stream.message().await.is_err());
    assert!(shutdown.drain(Duration::ZERO).await.is_ok());
}
