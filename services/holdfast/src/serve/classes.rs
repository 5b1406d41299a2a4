//! What each rpc is worth to a person in crisis when not all can be served. Commands are T0 as one: accepting, ending, hanging up,
//! availability and losing a desk all come by `Submit`, and a heartbeat by the stream it beats on.

use holdfast_chassis::admission::{Class, Classes};

/// Every rpc of this program; what is not named is T1.
pub(super) fn classes() -> Classes {
    Classes::new(Class::T1)
        .with("/holdfast.router.v1.RouterService/Submit", Class::T0)
        // Desks and carriers hear of offers and effects by it. Boards follow by it too, once for all of them.
        .with("/holdfast.router.v1.RouterService/Watch", Class::T0)
        .with("/holdfast.router.v1.RouterService/Explain", Class::T2)
        .with("/holdfast.router.v1.RouterService/ListDirectives", Class::T1)
        .with("/holdfast.desk.v1.DeskService/Work", Class::T0)
        // Somebody is with the person at every step of a handoff; who only looks may be told to come back.
        .with("/holdfast.handoff.v1.HandoffService/", Class::T0)
        .with("/holdfast.handoff.v1.HandoffService/Watch", Class::T1)
        // For whoever explores our wire, and for nobody in need.
        .with("/grpc.reflection.", Class::T3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_rpc_there_is_has_a_class_of_its_own() {
        let said = BTreeMap::from([
            ("/holdfast.router.v1.RouterService/Submit", Class::T0),
            ("/holdfast.router.v1.RouterService/Watch", Class::T0),
            ("/holdfast.router.v1.RouterService/Explain", Class::T2),
            ("/holdfast.router.v1.RouterService/ListDirectives", Class::T1),
            ("/holdfast.desk.v1.DeskService/Work", Class::T0),
            ("/holdfast.handoff.v1.HandoffService/Start", Class::T0),
            ("/holdfast.handoff.v1.HandoffService/RecordConsent", Class::T0),
            ("/holdfast.handoff.v1.HandoffService/Join", Class::T0),
            ("/holdfast.handoff.v1.HandoffService/Confirm", Class::T0),
            ("/holdfast.handoff.v1.HandoffService/Leave", Class::T0),
            ("/holdfast.handoff.v1.HandoffService/Cancel", Class::T0),
            ("/holdfast.handoff.v1.HandoffService/Watch", Class::T1),
        ]);
        let rpcs = rpcs();
        assert_eq!(
            rpcs,
            said.keys().map(|it| (*it).to_owned()).collect::<Vec<_>>(),
            "say of a new rpc what it is worth"
        );
        let classes = classes();
        for (path, class) in said {
            assert_eq!(classes.of(path), class, "{path}");
        }
        for service in ["v1", "v1alpha"] {
            let path = format!("/grpc.reflection.{service}.ServerReflection/ServerReflectionInfo");
            assert_eq!(classes.of(&path), Class::T3);
        }
        assert_eq!(classes.of("/grpc.health.v1.Health/Check"), Class::T0);
        assert_eq!(classes.of("/grpc.health.v1.Health/Watch"), Class::T0);
    }

    /// The paths of our wire, in order.
    fn rpcs() -> Vec<String> {
        use prost::Message as _;
        let files = prost_types::FileDescriptorSet::decode(holdfast_proto::DESCRIPTORS).unwrap();
        let mut paths: Vec<String> = files
            .file
            .iter()
            .flat_map(|file| file.service.iter().map(move |service| (file.package(), service)))
            .flat_map(|(package, service)| {
                service.method.iter().map(move |method| format!("/{package}.{}/{}", service.name(), method.name()))
            })
            .collect();
        paths.sort();
        paths
    }
}
