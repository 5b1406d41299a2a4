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
        "status" => Said::Status,
        "quit" => Said::Quit,
        "help" | "?" => Said::Help,
        _ => Said::Unknown,
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
