//! Twilio's ids: two capitals naming the kind and 32 hexadecimal digits. Checked once here, then safe in a path or a log.

use std::fmt;

/// A string is not the id that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {0} and 32 hexadecimal digits")]
pub struct NotASid(pub &'static str);

macro_rules! sid {
    ($(#[$doc:meta])* $name:ident, $prefix:literal $(or $other:literal)?) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as this kind of id.
            ///
            /// # Errors
            /// [`NotASid`] when it has another shape.
            pub fn parse(text: &str) -> Result<Self, NotASid> {
                let digits = text.strip_prefix($prefix) $(.or_else(|| text.strip_prefix($other)))?;
                let digits = digits.ok_or(NotASid($prefix))?;
                if digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NotASid($prefix))
                }
            }

            /// The id's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

sid! {
    /// A call, or one leg: `CA…`.
    CallSid, "CA"
}
sid! {
    /// An account or subaccount: `AC…`.
    AccountSid, "AC"
}
sid! {
    /// A running conference: `CF…`. A room name stands for it only when a participant is added.
    ConferenceSid, "CF"
}
sid! {
    /// A message: `SM…`, or `MM…` for one that has or had media.
    MessageSid, "SM" or "MM"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_shape() {
        let hex = "0123456789abcdef0123456789ABCDEF";
        assert!(CallSid::parse(&format!("CA{hex}")).is_ok());
        assert!(["SM", "MM"].iter().all(|kind| MessageSid::parse(&format!("{kind}{hex}")).is_ok()));
        assert_eq!(MessageSid::parse(&format!("CA{hex}")), Err(NotASid("SM")));
        for text in
            [format!("CB{hex}"), format!("CA{hex}0"), "CA".into(), format!("CA{}", "g".repeat(32)), format!("ca{hex}")]
        {
            assert_eq!(CallSid::parse(&text), Err(NotASid("CA")), "{text}");
        }
    }
}
