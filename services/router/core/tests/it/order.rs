//! S7 by brute force: every offer of a record is the pair that a plain look at everybody finds, without any index. No contact with a
//! smaller place could have been offered to anybody, and nobody who comes before the counselor was passed over.

use holdfast_core::contact::{Contact, ContactState};
use holdfast_core::event::{Event, Record};
use holdfast_core::id::CounselorId;
use holdfast_core::kept::Kept;
use holdfast_core::plan::Plan;
use holdfast_core::policy::eligible;
use holdfast_core::state::State;
use holdfast_core::time::Timestamp;

/// Checks each offer of a record against the state right before it.
pub(crate) fn check(before: &State, record: &Record) {
    for (index, event) in record.events.iter().enumerate() {
        let Event::ContactOffered { contact, counselor, ring, .. } = event else { continue };
        let mut state = before.clone();
        state.apply(&Record { events: record.events[..index].to_vec(), ..record.clone() });
        let plan = state.plan().unwrap();
        let mut waiting: Vec<&Contact> =
            state.parts().contacts.values().filter(|it| it.state == ContactState::Waiting).collect();
        waiting.sort_by_key(|it| (it.place, it.id));
        let kept = Kept::find(&state, record.at);
        let found = waiting.into_iter().find_map(|it| Some((it, first_for(&state, plan, &kept, it, record.at)?)));
        let (first, (who, at)) = found.unwrap_or_else(|| panic!("S7: {event:?}, and nobody could be offered"));
        assert_eq!((first.id, &who, at), (*contact, counselor, *ring), "S7: {event:?}");
    }
}

/// Whoever is asked first about a contact, of everybody who may be.
fn first_for(state: &State, plan: &Plan, kept: &Kept, contact: &Contact, now: Timestamp) -> Option<(CounselorId, u32)> {
    let may = |who: &CounselorId| {
        let ring = eligible(state, plan, contact, who, now).ok()?;
        kept.allows(who, contact).ok()?;
        Some((who.clone(), ring))
    };
    let others = state.parts().contacts.values().filter(|it| it.person == contact.person && it.id != contact.id);
    let latest = others.filter(|it| it.connected_at.is_some()).max_by_key(|it| (it.connected_at, it.id));
    let known = contact.talked_with().chain(latest.into_iter().flat_map(Contact::talked_with)).find_map(may);
    let idle = |who: &CounselorId| state.counselor(who).map(|it| it.idle_since);
    let everybody = plan.members.keys().filter_map(may);
    known.or_else(|| everybody.min_by_key(|(who, ring)| (*ring, idle(who), who.clone())))
}
