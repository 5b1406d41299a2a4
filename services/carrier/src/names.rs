//! How a contact's room and legs are named at any carrier, and back.
//!
//! `contact-<contact>` is the room, `person-<contact>` the leg of a person who called us, `leg-<contact>-<n>` a leg that we
//! dialed: a counselor's or a peer's, and with 0 the person's, whom we called back. Leg 0 is the person however it is labelled,
//! so that whatever looks for legs to drop can leave them in peace.

use holdfast_carrier_codec::token::Token;

/// The contact's room. `None` if the id is not one.
pub(crate) fn room(contact: &str) -> Option<Token> {
    token(contact, format!("contact-{contact}"))
}

/// The label of the leg of a person who called us. `None` if the id is not one.
pub(crate) fn person_label(contact: &str) -> Option<Token> {
    token(contact, format!("person-{contact}"))
}

/// The contact a room belongs to.
pub(crate) fn contact_of_room(room: &str) -> Option<&str> {
    room.strip_prefix("contact-").filter(|contact| is_contact(contact))
}

/// Whether a label is that of a person who called us, and whom nobody dialed.
pub(crate) fn called_us(label: &str) -> bool {
    label.starts_with("person-")
}

/// The contact and the number of a labelled leg; the person's is 0.
pub(crate) fn leg_of_label(label: &str) -> Option<(&str, u32)> {
    if let Some(contact) = label.strip_prefix("person-") {
        return is_contact(contact).then_some((contact, 0));
    }
    let (contact, number) = label.strip_prefix("leg-")?.rsplit_once('-')?;
    // One spelling for one number: no sign, no leading zero.
    let number = number.parse().ok().filter(|parsed: &u32| parsed.to_string() == number)?;
    is_contact(contact).then_some((contact, number))
}

/// Whether a text is a contact's id: 32 hexadecimal digits.
pub(crate) fn is_contact(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn token(contact: &str, text: String) -> Option<Token> {
    is_contact(contact).then(|| Token::parse(&text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        let contact = "00112233445566778899aabbccddeeff";
        assert_eq!(contact_of_room(room(contact).unwrap().as_str()), Some(contact));
        assert_eq!(leg_of_label(person_label(contact).unwrap().as_str()), Some((contact, 0)));
        assert_eq!(leg_of_label(&format!("leg-{contact}-12")), Some((contact, 12)));
        assert_eq!(leg_of_label(&format!("leg-{contact}-0")), Some((contact, 0)), "a person whom we called back");
        assert!(called_us(person_label(contact).unwrap().as_str()) && !called_us(&format!("leg-{contact}-0")));
        for strange in
            [format!("leg-{contact}-01"), format!("leg-{contact}"), "leg-x-1".into(), "person-x".into(), String::new()]
        {
            assert_eq!(leg_of_label(&strange), None, "{strange}");
        }
        assert_eq!((room("x"), contact_of_room("contact-x")), (None, None));
    }
}
