//! The words a carrier answers by itself: whoever writes one of them alone is blocked, let in again, or told how it works.

/// What a message is to the carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Stop,
    Start,
    Help,
}

impl Keyword {
    /// The whole message, trimmed, in any case of letters.
    pub(super) fn of(words: &str) -> Option<Self> {
        match words.trim().to_ascii_uppercase().as_str() {
            "STOP" | "UNSUBSCRIBE" | "END" | "QUIT" | "STOPALL" | "REVOKE" | "OPTOUT" | "CANCEL" => Some(Self::Stop),
            "START" | "UNSTOP" | "YES" => Some(Self::Start),
            "HELP" | "INFO" => Some(Self::Help),
            _ => None,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Stop => "STOP",
            Self::Start => "START",
            Self::Help => "HELP",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Keyword;

    #[test]
    fn only_a_whole_message_is_a_keyword() {
        assert_eq!(Keyword::of(" stop\n"), Some(Keyword::Stop));
        assert_eq!(Keyword::of("Unstop"), Some(Keyword::Start));
        assert_eq!(Keyword::of("help"), Some(Keyword::Help));
        assert_eq!(Keyword::of("please stop"), None);
        assert_eq!(Keyword::of(""), None);
    }
}
