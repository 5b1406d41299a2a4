//! What a person types, understood. Kind to small slips; never a guess where a guess could end a conversation.

/// A thing one can say at the prompt.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Said {
    Ready,
    Break,
    Training,
    Accept,
    NotNow,
    Hold,
    Resume,
    End,
    Note(String),
    NoteWithoutWords,
    Say(String),
    SayWithoutWords,
    With(u32),
    Handoff,
    /// With what the person agreed to share.
    ConsentYes(String),
    ConsentNo,
    Join,
    Confirm,
    Leave,
    Cancel,
    AskQuestion,
    AskJoin,
    AskEmergency,
    HelpOver,
    Done,
    MoreTime,
    GiveBack,
    Status,
    Quit,
    Help,
    Nothing,
    Unknown,
}

/// Understands one line. Upper and lower case are the same, spaces are free, except in a note.
pub(super) fn understand(line: &str) -> Said {
    let line = line.trim();
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    if first.eq_ignore_ascii_case("note") {
        return match rest.trim() {
            "" => Said::NoteWithoutWords,
            words => Said::Note(words.to_owned()),
        };
    }
    if first.eq_ignore_ascii_case("say") {
        return match rest.trim() {
            "" => Said::SayWithoutWords,
            words => Said::Say(words.to_owned()),
        };
    }
    if first.eq_ignore_ascii_case("consent") {
        return consent(rest.trim());
    }
    if first.eq_ignore_ascii_case("with") {
        return rest.trim().parse().map_or(Said::Unknown, Said::With);
    }
    let plain: Vec<String> = line.split_whitespace().map(str::to_ascii_lowercase).collect();
    match plain.join(" ").trim_end_matches(['.', '!']) {
        "" => Said::Nothing,
        "ready" => Said::Ready,
        "break" => Said::Break,
        "training" => Said::Training,
        "accept" | "a" => Said::Accept,
        "not now" | "n" => Said::NotNow,
        "hold" => Said::Hold,
        "resume" => Said::Resume,
        "end" => Said::End,
        "done" => Said::Done,
        "more time" => Said::MoreTime,
        "give back" => Said::GiveBack,
        "handoff" => Said::Handoff,
        "join" => Said::Join,
        "confirm" => Said::Confirm,
        "leave" => Said::Leave,
        "cancel" => Said::Cancel,
        "question" => Said::AskQuestion,
        "help me" => Said::AskJoin,
        "emergency" => Said::AskEmergency,
        "help over" => Said::HelpOver,
        "status" => Said::Status,
        "quit" => Said::Quit,
        "help" | "?" => Said::Help,
        _ => Said::Unknown,
    }
}

/// Only a plain yes or no: a guess here would share what nobody agreed to.
fn consent(rest: &str) -> Said {
    let (answer, note) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if answer.eq_ignore_ascii_case("yes") {
        Said::ConsentYes(note.trim().to_owned())
    } else if rest.eq_ignore_ascii_case("no") {
        Said::ConsentNo
    } else {
        Said::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_forgiven_and_nonsense_is_not_guessed() {
        for (typed, said) in [
            ("ready", Said::Ready),
            ("  Not   NOW ", Said::NotNow),
            ("a", Said::Accept),
            ("give  back", Said::GiveBack),
            ("Done.", Said::Done),
            ("note  She feels safer. ", Said::Note("She feels safer.".to_owned())),
            ("note", Said::NoteWithoutWords),
            ("say  I am Here. ", Said::Say("I am Here.".to_owned())),
            ("say", Said::SayWithoutWords),
            ("Consent YES alone at night", Said::ConsentYes("alone at night".to_owned())),
            ("consent yes", Said::ConsentYes(String::new())),
            ("consent no", Said::ConsentNo),
            ("consent no but share it", Said::Unknown),
            ("consent", Said::Unknown),
            ("consent maybe", Said::Unknown),
            ("with 2", Said::With(2)),
            ("with everybody", Said::Unknown),
            ("help me", Said::AskJoin),
            ("help", Said::Help),
            ("", Said::Nothing),
            ("ended", Said::Unknown),
            ("endd", Said::Unknown),
            ("accept everything", Said::Unknown),
            ("notes about", Said::Unknown),
        ] {
            assert!(understand(typed) == said, "{typed}");
        }
    }
}
