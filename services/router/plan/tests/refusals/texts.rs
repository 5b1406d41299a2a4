//! What the line does in writing.

use super::{accepted, edited, listed, refusal, refused_with, warned_with};
use holdfast_core::id::{Language, NeedId};
use holdfast_core::plan::Texts;
use holdfast_plan::limits::{KEYWORDS_MAX, WORDS_MAX_BYTES};
use holdfast_plan::parse;

#[test]
fn what_is_said_is_short_and_in_some_language() {
    refused_with(
        "[texts]\nreply = {}\n",
        &["plan.toml:57:9: texts.reply: is empty; say it in at least one language, as in { en = \"…\" }"],
    );
    refused_with(
        "[texts]\nreply = { en = 1, english = \"Hello.\", es = \"\", fr = \"one\\ntwo\" }\n",
        &[
            "plan.toml:57:16: texts.reply.en: must be text in quotes",
            r#"plan.toml:57:19: texts.reply: "english" is not a language tag; use small letters: en, es, ase, zh-hant"#,
            "plan.toml:57:44: texts.reply.es: what is sent is 1 to 320 bytes on one line, and this has 0; say it in fewer words; a letter like é is two bytes",
            "plan.toml:57:53: texts.reply.fr: what is sent is 1 to 320 bytes on one line, and this has 7; say it in fewer words; a letter like é is two bytes",
        ],
    );
    let long = "é".repeat(WORDS_MAX_BYTES / 2);
    warned_with(&format!("[texts]\nreply.en = \"{long}\"\n"), &[]);
    refused_with(
        &format!("[texts]\nreply.en = \"{long}é\"\n"),
        &[
            "plan.toml:57:12: texts.reply.en: what is sent is 1 to 320 bytes on one line, and this has 322; say it in fewer words; a letter like é is two bytes",
        ],
    );
    warned_with(
        "[texts]\nreply.es = \"Hola.\"\n[[texts.questions]]\nwords = { es = \"¿Cómo?\" }\n",
        &[
            "plan.toml:57:1: texts.reply: is not there in en, the language of people who did not say; add it",
            "plan.toml:59:9: texts.questions[1].words: is not there in en, the language of people who did not say; add it",
        ],
    );
}

#[test]
fn a_question_has_words_and_perhaps_choices() {
    refused_with(
        "[texts]\n[[texts.questions]]\nchoices = { 1 = \"veterans\", x = \"general\", 10 = \"general\", 2 = 3 }\n",
        &[
            "plan.toml:57:1: texts.questions[1].words: is missing; write the question, as in { en = \"…\" }",
            r#"plan.toml:58:29: texts.questions[1].choices: "x" is not an answer of one digit; use one digit, 0 to 9"#,
            r#"plan.toml:58:44: texts.questions[1].choices: "10" is not an answer of one digit; use one digit, 0 to 9"#,
            "plan.toml:58:64: texts.questions[1].choices.2: each digit names a need in quotes",
        ],
    );
    refused_with(
        "[[texts.questions]]\nwords.en = \"Which?\"\nchoices = { 1 = \"veterans\" }\n[[texts.questions]]\nwords.en = \"Why?\"\nchoices = {}\n",
        &[
            r#"plan.toml:58:17: texts.questions[1].choices.1: there is no need "veterans"; did you mean "veteran"?"#,
            "plan.toml:61:11: texts.questions[2].choices: is empty; leave it out if any answer will do",
        ],
    );
    let six = "[[texts.questions]]\nwords.en = \"Which?\"\n".repeat(6);
    refused_with(
        &six,
        &[
            "plan.toml:66:1: texts.questions: there are 6, and at most 5 are allowed; ask less: people who write wait for somebody to answer",
        ],
    );
    refused_with(
        "[texts]\nquestions = 3\n",
        &["plan.toml:57:13: texts.questions: must be a list of tables, not a number without quotes"],
    );
}

#[test]
fn a_keyword_is_one_word_in_capitals_that_is_free() {
    refused_with(
        "[texts]\nkeywords = { ayuda = \"general\", STOP = \"general\", \"TWO WORDS\" = \"general\", 7 = \"general\", VET = \"veterans\", X = 1 }\n",
        &[
            r#"plan.toml:57:14: texts.keywords: "ayuda" is not in capitals; write AYUDA: people may write it either way"#,
            r#"plan.toml:57:33: texts.keywords: "STOP" is taken by the carriers for themselves; use another word"#,
            r#"plan.toml:57:51: texts.keywords: "TWO WORDS" is not one word; use 1 to 40 letters and digits"#,
            r#"plan.toml:57:76: texts.keywords: "7" is an answer to a question; write it under the choices of one"#,
            r#"plan.toml:57:97: texts.keywords.VET: there is no need "veterans"; did you mean "veteran"?"#,
            "plan.toml:57:113: texts.keywords.X: each word names a need in quotes",
        ],
    );
    let many: Vec<String> = (0..=KEYWORDS_MAX).map(|n| format!("W{n:03} = \"general\"")).collect();
    let (fits, many) = (many[1..].join("\n"), many.join("\n"));
    warned_with(&format!("[texts.keywords]\n{fits}\n"), &[]);
    refused_with(
        &format!("[texts.keywords]\n{many}\n"),
        &[
            "plan.toml:157:1: texts.keywords: there are 101, and at most 100 are allowed; keep those that people are told of",
        ],
    );
}

#[test]
fn the_clocks_are_bounded_and_silence_is_no_end() {
    refused_with(
        "[texts]\nsurvey_s = 0\nfirst_reply_s = 3601\nidle_close_s = 604801\nidle_s = 3\n",
        &[
            "plan.toml:57:12: texts.survey_s: must be a whole number from 1 to 3600",
            "plan.toml:58:17: texts.first_reply_s: must be a whole number from 1 to 3600",
            "plan.toml:59:16: texts.idle_close_s: must be a whole number from 0 to 604800",
            "plan.toml:60:1: texts.idle_s: unknown key; known here: survey_s, first_reply_s, idle_close_s, reopen_s, reply, questions, keywords, after_closing",
        ],
    );
    for (idle_s, idle_ms) in [(0_u64, 0), (600, 600_000), (604_800, 604_800_000)] {
        assert_eq!(accepted(&format!("[texts]\nidle_close_s = {idle_s}\n")).plan.texts().idle_ms, idle_ms);
    }
    for idle_s in [1, 599] {
        refused_with(
            &format!("[texts]\nidle_close_s = {idle_s}\n"),
            &[
                "plan.toml:57:16: texts.idle_close_s: must be 0, for never, or a whole number from 600 to 604800; silence is not the end of a conversation",
            ],
        );
    }
}

#[test]
fn a_conversation_is_taken_up_while_it_is_there() {
    refused_with(
        "[texts]\nreopen_s = 601\n",
        &[
            "plan.toml:57:12: texts.reopen_s: a closed conversation is kept for 600 s only: timing.closed_keep_s; make it 600 or less, or raise closed_keep_s",
        ],
    );
    refused_with(
        "[texts]\nafter_closing = \"anew\"\nreopen_s = 60\n",
        &[
            "plan.toml:58:12: texts.reopen_s: after_closing is \"anew\", so that nothing is taken up again; take it out, or write after_closing = \"reopen\"",
        ],
    );
    refused_with(
        "[texts]\nafter_closing = \"repoen\"\n",
        &[r#"plan.toml:57:17: texts.after_closing: "repoen" is not a way to go on; did you mean "reopen"?"#],
    );
    assert!(!accepted("[texts]\nafter_closing = \"anew\"\n").plan.texts().reopens);
    // What the plan does not say follows what it says.
    let short = edited("menu_s = 8", 0, "menu_s = 8\nclosed_keep_s = 60");
    assert_eq!(parse(&short, "plan.toml").unwrap().plan.texts().reopen_ms, 60_000);
    let said = refusal(&format!("{short}[texts]\nreopen_s = 61\n"));
    let expected = "plan.toml:58:12: texts.reopen_s: a closed conversation is kept for 60 s only: timing.closed_keep_s; \
                    make it 60 or less, or raise closed_keep_s";
    assert_eq!(listed(&said.problems), [expected]);
}

#[test]
fn what_is_written_is_what_the_core_gets() {
    assert_eq!(accepted("").plan.texts, Some(Texts::default()));
    let texts = accepted(
        "[texts]\nreply = { en = \"Hello.\", es = \"Hola.\" }\nkeywords = { VETERANO = \"veteran\" }\nsurvey_s = 1\n\
         first_reply_s = 2\nidle_close_s = 700\nreopen_s = 3\n\
         [[texts.questions]]\nwords.en = \"Which?\"\nchoices = { 0 = \"veteran\", 9 = \"general\" }\n\
         [[texts.questions]]\nwords.en = \"Why?\"\n",
    )
    .plan
    .texts
    .unwrap();
    assert_eq!(texts.reply[&Language::from("es")], "Hola.");
    assert_eq!(texts.keywords["VETERANO"], NeedId::from("veteran"));
    assert_eq!(texts.questions.len(), 2);
    assert_eq!(texts.questions[0].words[&Language::from("en")], "Which?");
    let choices = [(0, NeedId::from("veteran")), (9, NeedId::from("general"))];
    assert_eq!(texts.questions[0].choices, choices.into());
    assert!(texts.questions[1].choices.is_empty());
    let clocks = (texts.survey_ms, texts.first_reply_ms, texts.idle_ms, texts.reopens, texts.reopen_ms);
    assert_eq!(clocks, (1_000, 2_000, 700_000, true, 3_000));
}
