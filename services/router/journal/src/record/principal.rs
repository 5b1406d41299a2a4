//! Who asked, as a field of a record.

use super::DecodeError;
use super::field::{Field, choice, required};
use super::tell::{Tell, Told};
use holdfast_core::principal::{Principal, Role};
use holdfast_proto::journal::v1;
use v1::principal::Who;

choice!(Role: Counselor, Peer, Supervisor, Operator, Administrator);

impl Field<v1::Principal> for Principal {
    fn store(&self) -> v1::Principal {
        let who = match self {
            Self::Person { name, role } => Who::Person(v1::SignedIn { name: name.store(), role: role.store() }),
            Self::Carrier(account) => Who::Carrier(account.store()),
            Self::Service(name) => Who::Service(name.store()),
            Self::Router => Who::Router(v1::RouterItself {}),
        };
        v1::Principal { who: Some(who) }
    }
    fn load(wire: v1::Principal, _: &'static str) -> Result<Self, DecodeError> {
        match wire.who.ok_or(DecodeError::Malformed { field: "Principal.who" })? {
            Who::Person(v1::SignedIn { name, role }) => Ok(Self::Person {
                name: Field::load(name, "SignedIn.name")?,
                role: Field::load(role, "SignedIn.role")?,
            }),
            Who::Carrier(account) => Field::load(account, "Principal.carrier").map(Self::Carrier),
            Who::Service(name) => Field::load(name, "Principal.service").map(Self::Service),
            Who::Router(v1::RouterItself {}) => Ok(Self::Router),
        }
    }
}
required!(Principal => v1::Principal);

impl Tell for Principal {
    fn tell(&self) -> Told {
        match self {
            Self::Person { name, role } => Told::Fields(vec![("person", name.tell()), ("role", role.tell())]),
            Self::Carrier(account) => Told::Fields(vec![("carrier", account.tell())]),
            Self::Service(name) => Told::Fields(vec![("service", name.tell())]),
            Self::Router => Told::Text("router".to_owned()),
        }
    }
}
