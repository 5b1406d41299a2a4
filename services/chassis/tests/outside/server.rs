//! Listening, TLS and what one bad handler may cost.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use holdfast_chassis::channel::{Address, ConnectError, Line, RemoteSettings, connect};
use holdfast_chassis::listen::{ListenError, TlsSettings};
use holdfast_chassis::server::{GrpcServer, GrpcSettings};
use holdfast_chassis::settings::SecretError;
use tonic::Code;

use crate::probe::{Probe, call, loopback, open_method, run, secret, table};

/// A certificate for `localhost`, which is its own authority.
pub(crate) fn certify(folder: &Path) -> TlsSettings {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let settings = TlsSettings { certificate_file: folder.join("cert.pem"), key_file: folder.join("key.pem") };
    std::fs::write(&settings.certificate_file, pair.cert.pem()).unwrap();
    std::fs::write(&settings.key_file, pair.signing_key.serialize_pem()).unwrap();
    std::fs::set_permissions(&settings.key_file, std::fs::Permissions::from_mode(0o600)).unwrap();
    settings
}

fn secure_line(address: SocketAddr, authority: Option<&Path>) -> Result<Line, ConnectError> {
    let remote = RemoteSettings {
        uri: format!("https://localhost:{}", address.port()),
        ca_file: authority.map(Path::to_owned),
        server_name: None,
    };
    connect(&Address::Remote(remote), Some(&secret()))
}

#[tokio::test]
async fn tls_goes_there_and_back_and_only_for_those_who_trust_the_authority() {
    let folder = tempfile::tempdir().unwrap();
    let tls = certify(folder.path());
    let settings = GrpcSettings { tls: Some(tls.clone()), ..loopback() };
    let running = run(GrpcServer::new(settings, table()).service(Probe::new())).await;
    let line = secure_line(running.address, Some(&tls.certificate_file)).unwrap();
    assert_eq!(call(&line, "Who").await.unwrap(), "maria counselor");

    let other = tempfile::tempdir().unwrap();
    let elsewhere = certify(other.path());
    let distrustful = secure_line(running.address, Some(&elsewhere.certificate_file)).unwrap();
    assert_eq!(call(&distrustful, "Who").await.unwrap_err().code(), Code::Unavailable);
    assert!(call(&running.line(Some(&secret())), "Who").await.is_err(), "plaintext into a TLS port");
    assert!(matches!(secure_line(running.address, None), Err(ConnectError::AuthorityMissing { .. })));
}

#[tokio::test]
async fn plaintext_beyond_loopback_is_refused_before_binding() {
    // Taken, so that an attempt to bind would fail in another way.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for everywhere in [format!("0.0.0.0:{port}"), format!("[::]:{port}")] {
        let address: SocketAddr = everywhere.parse().unwrap();
        let settings = GrpcSettings { address: Some(address), ..GrpcSettings::default() };
        let refused = GrpcServer::new(settings, table()).bind().await.err().unwrap();
        assert!(matches!(refused, ListenError::PlaintextBeyondLoopback { address: named } if named == address));
    }
    let settings = GrpcSettings { address: Some(SocketAddr::from(([127, 0, 0, 1], port))), ..GrpcSettings::default() };
    let refused = GrpcServer::new(settings, table()).bind().await.err().unwrap();
    assert!(matches!(refused, ListenError::Bind { .. }));
    let nowhere = GrpcServer::new(GrpcSettings::default(), table()).bind().await.err().unwrap();
    assert!(matches!(nowhere, ListenError::Nowhere));
}

#[tokio::test]
async fn with_tls_any_address_may_be_listened_on_but_not_with_a_key_others_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let tls = certify(folder.path());
    let everywhere = GrpcSettings {
        address: Some(SocketAddr::from(([0, 0, 0, 0], 0))),
        tls: Some(tls.clone()),
        ..GrpcSettings::default()
    };
    assert!(GrpcServer::new(everywhere.clone(), table()).bind().await.is_ok());
    std::fs::set_permissions(&tls.key_file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let refused = GrpcServer::new(everywhere.clone(), table()).bind().await.err().unwrap();
    assert!(matches!(refused, ListenError::Key(SecretError::Exposed { mode: 0o640, .. })));
    std::fs::remove_file(&tls.key_file).unwrap();
    let refused = GrpcServer::new(everywhere, table()).bind().await.err().unwrap();
    assert!(matches!(refused, ListenError::Key(SecretError::Unreadable { .. })));
}

#[tokio::test]
async fn a_panic_costs_its_own_rpc_and_tells_nobody_its_words() {
    let running = run(GrpcServer::new(loopback(), table()).service(Probe::new())).await;
    let line = running.line(Some(&secret()));
    let lost = call(&line, "Panic").await.unwrap_err();
    assert_eq!(lost.code(), Code::Internal);
    assert!(!lost.message().contains("on purpose"));
    let mut other = open_method(&line, "Follow", None).await.unwrap();
    let mut torn = open_method(&line, "Tear", None).await.unwrap();
    let lost = torn.message().await.unwrap_err();
    assert_eq!(lost.code(), Code::Internal);
    assert!(!lost.message().contains("on purpose"));
    assert_eq!(other.message().await.unwrap().unwrap(), "first", "a neighbour on the same connection");
    assert_eq!(call(&line, "Who").await.unwrap(), "maria counselor");
}

#[tokio::test]
async fn one_connection_beyond_the_bound_is_closed() {
    let settings = GrpcSettings { connections_max: 1, ..loopback() };
    let running = run(GrpcServer::new(settings, table()).service(Probe::new())).await;
    let first = running.line(Some(&secret()));
    call(&first, "Who").await.unwrap();
    let second = running.line(Some(&secret()));
    assert!(call(&second, "Who").await.is_err());
    assert_eq!(call(&first, "Who").await.unwrap(), "maria counselor");
}

#[tokio::test]
async fn reflection_tells_what_is_served_only_where_it_is_switched_on() {
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::{ServerReflectionRequest, server_reflection_response::MessageResponse};

    let ask = async |reflection| {
        let settings = GrpcSettings { reflection, ..loopback() };
        let running = run(GrpcServer::new(settings, table()).service(Probe::new())).await;
        let question = ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let mut asking = ServerReflectionClient::new(running.line(Some(&secret())));
        let mut answers = asking.server_reflection_info(tokio_stream::once(question)).await?.into_inner();
        answers.message().await
    };
    assert_eq!(ask(false).await.unwrap_err().code(), Code::Unimplemented);
    let answer = ask(true).await.unwrap().unwrap().message_response.unwrap();
    let MessageResponse::ListServicesResponse(services) = answer else { panic!("{answer:?}") };
    assert!(services.service.iter().any(|service| service.name == "grpc.health.v1.Health"));

    let server = GrpcServer::new(GrpcSettings { reflection: true, ..loopback() }, table()).descriptors(b"not protobuf");
    assert!(matches!(server.bind().await.err().unwrap(), ListenError::Reflection(_)));
}
