//! Who is let in, and what a table refuses.

use holdfast_chassis::access::{
    AccessError, AccessTable, Bearer, PRINCIPALS_MAX, PrincipalSettings, Role, generate_token, hash_token,
};
use holdfast_chassis::server::GrpcServer;
use holdfast_chassis::settings::Secret;
use tonic::Code;
use tonic_types::StatusExt;

use crate::probe::{Probe, TOKEN, call, loopback, run, secret, table};

fn entry(name: &str, role: &str, hash: &str) -> PrincipalSettings {
    PrincipalSettings { name: name.to_owned(), role: role.to_owned(), token_sha256: hash.to_owned() }
}

#[tokio::test]
async fn only_a_known_token_is_let_in_and_says_who_asks() {
    let running = run(GrpcServer::new(loopback(), table()).service(Probe::new())).await;
    assert_eq!(call(&running.line(Some(&secret())), "Who").await.unwrap(), "maria counselor");

    let stranger = Secret::from("another-token".to_owned());
    for (token, reason) in [(None, "TOKEN_MISSING"), (Some(&stranger), "TOKEN_UNKNOWN")] {
        let refused = call(&running.line(token), "Who").await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated);
        let info = refused.get_error_details().error_info().unwrap().clone();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), (reason, "holdfast"));
        assert!(!format!("{refused:?}").contains("another-token"));
    }
}

#[tokio::test]
async fn health_needs_no_token_and_a_replaced_table_is_in_force_at_once() {
    let access = table();
    let server = GrpcServer::new(loopback(), access.clone()).service(Probe::new());
    let health = server.health();
    let running = run(server).await;
    let mut asking = tonic_health::pb::health_client::HealthClient::new(running.line(None));
    health.set_service_status("test.Probe", tonic_health::ServingStatus::Serving).await;
    let request = tonic_health::pb::HealthCheckRequest { service: "test.Probe".to_owned() };
    assert_eq!(asking.check(request).await.unwrap().into_inner().status, 1);

    let line = running.line(Some(&secret()));
    call(&line, "Who").await.unwrap();
    assert!(access.replace(&[entry("", "peer", &hash_token("x"))]).is_err());
    call(&line, "Who").await.unwrap();
    access.replace(&[entry("maria", "supervisor", &hash_token("new"))]).unwrap();
    assert_eq!(call(&line, "Who").await.unwrap_err().code(), Code::Unauthenticated);
    let renewed = running.line(Some(&Secret::from("new".to_owned())));
    assert_eq!(call(&renewed, "Who").await.unwrap(), "maria supervisor");
}

#[test]
fn a_table_says_which_entry_is_wrong() {
    let (one, two) = (hash_token("one"), hash_token("two"));
    let refused = |entries: &[PrincipalSettings]| AccessTable::new(entries).unwrap_err();
    assert_eq!(
        refused(&[entry("maria", "peer", &one), entry("maria", "peer", &two)]),
        AccessError::DuplicateName { name: "maria".to_owned() }
    );
    assert_eq!(
        refused(&[entry("maria", "peer", &one), entry("joan", "peer", &one.to_uppercase())]),
        AccessError::DuplicateToken { first: "maria".to_owned(), second: "joan".to_owned() }
    );
    for hash in ["", "abc", &"g".repeat(64), &"é".repeat(32), &format!("{one}0")] {
        let refused = refused(&[entry("maria", "peer", hash)]);
        assert_eq!(refused, AccessError::MalformedHash { name: "maria".to_owned() });
    }
    assert!(matches!(refused(&[entry("maria", "Peer", &one)]), AccessError::UnknownRole { .. }));
    for name in ["", "two\nlines", &"x".repeat(65)] {
        assert!(matches!(refused(&[entry(name, "peer", &one)]), AccessError::MalformedName { .. }));
    }
    let crowd = vec![entry("maria", "peer", &one); PRINCIPALS_MAX + 1];
    assert_eq!(refused(&crowd), AccessError::TooMany { count: PRINCIPALS_MAX + 1 });
}

#[test]
fn role_names_are_stable() {
    let names = Role::ALL.map(Role::name);
    assert_eq!(
        names,
        [
            "counselor",
            "peer",
            "supervisor",
            "operator",
            "administrator",
            "carrier",
            "desk",
            "handoff",
            "dashboard",
            "router"
        ]
    );
    for role in Role::ALL {
        assert_eq!(role.name().parse::<Role>().unwrap(), role);
    }
}

#[test]
fn tokens_are_random_and_only_their_hash_is_kept() {
    let (first, second) = (generate_token().unwrap(), generate_token().unwrap());
    assert_eq!(first.expose().len(), 43);
    assert!(first.expose().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    assert_ne!(first.expose(), second.expose());
    // The published SHA-256 test vector.
    assert_eq!(hash_token("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(table().lookup(TOKEN).unwrap().name, "maria");
    assert_eq!(table().lookup(&TOKEN.repeat(100)), None);
    let bearer = Bearer::new(&first).unwrap();
    assert!(!format!("{bearer:?} {first:?}").contains(first.expose()));
    assert!(Bearer::new(&Secret::from("two\nlines".to_owned())).is_err());
}
