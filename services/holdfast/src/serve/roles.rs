//! Which roles a process has, and what it tells of them.

use crate::cli::RoleName;
use std::collections::BTreeSet;

/// Which roles this process has.
#[derive(Debug)]
pub(super) struct Roles(BTreeSet<RoleName>);

impl Roles {
    pub(super) fn of(named: &[RoleName]) -> Self {
        let all = [RoleName::Router, RoleName::Carrier, RoleName::Desk, RoleName::Handoff, RoleName::Dashboard];
        Self(if named.is_empty() { all.into() } else { named.iter().copied().collect() })
    }

    pub(super) fn has(&self, role: RoleName) -> bool {
        self.0.contains(&role)
    }
}

/// What `grpc.health.v1` tells of: the process as a whole, and each service.
pub(super) fn served(roles: &Roles) -> Vec<&'static str> {
    let named = [
        (true, ""),
        (roles.has(RoleName::Router), "holdfast.router.v1.RouterService"),
        (roles.has(RoleName::Desk), "holdfast.desk.v1.DeskService"),
        (roles.has(RoleName::Handoff), "holdfast.handoff.v1.HandoffService"),
    ];
    named.into_iter().filter_map(|(here, name)| here.then_some(name)).collect()
}
