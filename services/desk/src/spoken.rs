//! What people at a desk are told when something did not happen: one calm sentence for each reason, what it means, what to do.
//!
//! The reasons are stable; a browser translates by them. One that is not here is told in the router's own words.

/// The sentence for a reason; the router's message where we have none, and where nothing is wrong.
pub(crate) fn sentence(reason: &str, message: &str) -> String {
    known(reason).map_or_else(|| closed(message), str::to_owned)
}

fn known(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "OFFER_NOT_OPEN" => "This offer is no longer open. Somebody else has them, or they left.",
        "OFFER_EXPIRED" => "Time ran out for this offer. The person keeps their place and is offered to somebody else.",
        "UNKNOWN_OFFER" => "This offer is not known any more. The person keeps their place.",
        "UNKNOWN_CONTACT" => "This contact is over.",
        "NOT_HOLDER" => "This contact is not with you now. Nothing was changed.",
        "WRONG_STATE" => "That is not possible at this point of the contact. Nothing was changed.",
        "DESK_NOT_CONNECTED" => "Your desk is just being connected. Please try again in a moment.",
        "SESSION_SUPERSEDED" => "Another desk speaks for you now. Choose “use here” to work in this window.",
        "TOO_MANY_NOTES" => "This contact has as many notes as it can hold. Please add to the next one.",
        "HOLDS_CONTACT" => "You are still with somebody. End the contact or hand it over first.",
        "UNKNOWN_COUNSELOR" => "You are not in the routing plan of this line. Please tell your supervisor.",
        "NO_PLAN" => "The line is starting up. Please try again in a moment.",
        "NOT_ALLOWED" | "ROLE_NOT_ALLOWED" => "This is not part of your role.",
        "CARRIER_BLOCKS" => "Their phone company blocks our messages until they write START. Nothing was sent.",
        "NOT_WRITTEN" => "You are with this person by phone; there is nothing to write to.",
        "HANDOFF_OPEN" => "A handoff of this contact is under way already. Cancel it first to begin anew.",
        "WRONG_HANDOFF_STATE" => "That is not the next step of this handoff. The person stays where they are.",
        "NOBODY_IN_PLAN" => "Nobody of that kind works on this line. Ask for another kind, or for fewer skills.",
        "NO_HELP_ASKED" => "You have no open request for help.",
        "MAY_NOT_LEAVE" => "Stay a little longer: the other person has not confirmed yet, or cannot be heard yet.",
        "LEASE_NOT_HELD" => "Your desk is open in another window. Choose “use here” to work in this one.",
        "SIGN_IN_FIRST" => "This window has not started the shift yet.",
        "SIGNED_IN_ALREADY" => "This window is signed in already.",
        "DESKS_FULL" => "All desks are taken right now. Please try again in a moment.",
        "WINDOWS_FULL" => "Your desk is open in many windows. Close some of them first.",
        "DRAFTS_FULL" => "This draft could not be kept. Send it or copy it before you leave this page.",
        "DRAFT_TOO_LONG" => "This draft is too long to be kept. Send a part of it first.",
        "DESK_QUEUE_FULL" => "A lot is waiting to be done. It is tried again by itself.",
        "ROUTER_AWAY" => "Not confirmed yet. It is tried again by itself.",
        "RESTARTING" => "The desk service is restarting. Your desk comes back by itself.",
        "ACCESS_ENDED" => "Your access has ended. Please sign in again.",
        "SIGNED_OFF" => "Your shift is over. Thank you.",
        _ => return None,
    })
}

fn closed(message: &str) -> String {
    let end = if message.is_empty() || message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{message}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the router answers to others than desks.
    const NOT_FOR_DESKS: &[&str] = &[
        "UNKNOWN_LEG",
        "NO_QUEUE",
        "PERSON_IS_HERE",
        "PLAN_UNFIT",
        "STALE_EPOCH",
        "UNKNOWN_CENTER",
        "UNKNOWN_QUEUE",
        "DIRECTIVE_UNFIT",
    ];

    #[test]
    fn every_refusal_of_the_router_has_a_sentence() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../router/src/convert/refusal.rs");
        let text = std::fs::read_to_string(path).unwrap();
        let mapping = text.split("pub fn refusal(").nth(1).unwrap();
        let reasons: Vec<_> = mapping.split('"').skip(1).step_by(2).collect();
        assert!(reasons.len() > 15, "{reasons:?}");
        for reason in reasons.into_iter().filter(|reason| !NOT_FOR_DESKS.contains(reason)) {
            assert!(known(reason).is_some(), "{reason} has no sentence");
        }
    }

    #[test]
    fn a_reason_has_a_sentence_and_what_has_none_keeps_its_own() {
        let words = sentence("NOT_HOLDER", "contact 12 is not held");
        assert_eq!(words, "This contact is not with you now. Nothing was changed.");
        assert_eq!(sentence("FIELD_INVALID", "words: must not be empty"), "words: must not be empty.");
        assert_eq!(sentence("", ""), "");
    }
}
