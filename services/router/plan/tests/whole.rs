//! All problems at once, the limits, files that are no text, and text that is no plan.
#![expect(clippy::unwrap_used, reason = "tests")]

use holdfast_plan::limits::{
    CENTERS_MAX, COUNSELORS_MAX, FILE_MAX_BYTES, LINES_MAX, NEEDS_MAX, PEERS_MAX, PROBLEMS_MAX, REGIONS_MAX,
};
use holdfast_plan::{LoadError, PlanError, load, parse};
use proptest::prelude::*;
use std::fmt::Write as _;

const EXAMPLE: &str = include_str!("../../../../deploy/config/plan.toml");

fn refusal(text: &str) -> PlanError {
    parse(text, "plan.toml").unwrap_err()
}

/// So many entries of a kind, each with its number for an id.
fn entries(kind: &str, count: usize, rest: &str) -> String {
    let mut text = String::new();
    for n in 0..count {
        writeln!(text, "[[{kind}]]\nid = \"x{n}\"\n{rest}").unwrap();
    }
    text
}

#[test]
fn everything_that_is_wrong_is_reported_at_once_in_the_order_of_the_file() {
    let text = "\
[network]
id = \"Demo\"
default_region = \"us\"
[[regions]]
id = \"us\"
color = \"red\"
[[queues]]
regions = [\"su\"]
needs = []
channels = [\"voice\"]
rings = [[\"harbor\"]]
[[counselors]]
id = \"ana\"
";
    let expected = "\
plan.toml:1:1: network.default_need: is missing; name the need of people who did not say
plan.toml:1:1: network.default_language: is missing; name the language of people who did not say, such as \"en\"
plan.toml:2:6: network.id: \"Demo\" is not an id; use 1 to 40 of a-z, 0-9 and hyphens
plan.toml:6:1: regions.us.color: unknown key; known here: id, name, parent, area_codes
plan.toml:8:12: queues[1].regions: there is no region \"su\"; did you mean \"us\"?
plan.toml:9:9: queues[1].needs: is empty; name the needs it serves
plan.toml:11:11: queues[1].rings: there is no center \"harbor\"; add it under [[centers]], or name another
plan.toml:12:1: counselors.ana.center: is missing; name the center they work at
plan.toml:12:1: counselors.ana.languages: is missing; name what they speak, such as [\"en\"]";
    assert_eq!(refusal(text).to_string(), expected);
}

#[test]
fn an_empty_file_lacks_a_network() {
    let expected = "plan.toml:1:1: network: is missing; write [network] with its id and defaults";
    assert_eq!(refusal("").to_string(), expected);
}

#[test]
fn each_kind_is_counted_and_the_first_too_many_is_named() {
    for (kind, most, lines_each) in [
        ("lines", LINES_MAX, 4),
        ("regions", REGIONS_MAX, 2),
        ("needs", NEEDS_MAX, 2),
        ("centers", CENTERS_MAX, 2),
        ("counselors", COUNSELORS_MAX, 4),
        ("peers", PEERS_MAX, 5),
    ] {
        let said = |count: usize| {
            let mut text = String::from("[network]\nid = \"n\"\ndefault_region = \"x\"\ndefault_need = \"x\"\n");
            for n in 0..count {
                writeln!(text, "[[{kind}]]\nid = \"x{n}\"").unwrap();
                match kind {
                    "lines" => writeln!(text, "account = \"a\"\nnumber = \"+1206555{n:04}\"").unwrap(),
                    "counselors" => writeln!(text, "center = \"c\"\nlanguages = [\"en\"]").unwrap(),
                    "peers" => writeln!(text, "center = \"c\"\ntypes = [\"x\"]\nlanguages = [\"en\"]").unwrap(),
                    _ => {}
                }
            }
            refusal(&text).to_string()
        };
        let line = 5 + most * lines_each;
        let counted = format!("there are {}, and at most {most} are allowed; split the network in two", most + 1);
        let too_many = format!("plan.toml:{line}:1: {kind}: {counted}");
        assert!(said(most + 1).contains(&too_many), "{kind}");
        assert!(!said(most).contains("are allowed"), "{kind}");
    }
}

#[test]
fn queues_are_counted_once_written_out() {
    let regions: Vec<String> = (0..150).map(|n| format!("\"x{n}\"")).collect();
    let list = regions.join(", ");
    let text = format!(
        "{EXAMPLE}\n[[queues]]\nregions = [{list}]\nneeds = [{list}]\nchannels = [\"chat\"]\nrings = [[\"harbor\"]]\n"
    );
    let refused = refusal(&text);
    assert!(refused.left_out > 0);
    assert_eq!(refused.problems.len(), PROBLEMS_MAX);
    let plan = format!(
        "[network]\nid = \"n\"\ndefault_region = \"x0\"\ndefault_need = \"x0\"\ndefault_language = \"en\"\n\
         [[queues]]\nregions = [{list}]\nneeds = [{list}]\nchannels = [\"voice\"]\nrings = [[\"x0\"]]\n{}{}{}{}",
        entries("regions", 150, ""),
        entries("needs", 150, ""),
        entries("centers", 1, ""),
        entries("counselors", 1, "center = \"x0\"\nlanguages = [\"en\"]"),
    );
    let expected = "plan.toml:6:1: queues[1]: with this there are more than 20000 queues (regions × needs × channels); \
                    serve the region above them instead of each of its parts";
    assert_eq!(refusal(&plan).problems[0].to_string(), expected);
    let fits = plan.replacen(&list, &regions[..130].join(", "), 1);
    assert_eq!(parse(&fits, "plan.toml").unwrap().plan.queues.len(), 130 * 150);
}

#[test]
fn problems_beyond_the_limit_are_counted() {
    let mut text = EXAMPLE.to_owned();
    text.push_str(&entries("centers", PROBLEMS_MAX + 7, "region = \"us\""));
    let refused = refusal(&text);
    assert_eq!(refused.problems.len(), PROBLEMS_MAX);
    assert_eq!(refused.left_out, 7);
    assert!(refused.to_string().ends_with("\nand 7 more problems"));
}

#[test]
fn a_file_is_named_as_it_was_given_and_must_be_text_of_bounded_size() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plan.toml");
    let shown = path.display().to_string();
    let said = || load(&path).unwrap_err();

    let absent = said();
    assert!(matches!(absent, LoadError::Unreadable { .. }));
    assert!(absent.to_string().starts_with(&format!("{shown}: the plan cannot be read: ")));

    std::fs::write(&path, b"[network]\nid = \"\xff\"\n").unwrap();
    let expected = format!("{shown}:2:7: not UTF-8 text; save the file as UTF-8");
    assert_eq!(said().to_string(), expected);

    let too_large = format!("{shown}:1:1: the plan is larger than 4 MiB");
    std::fs::write(&path, "#".repeat(FILE_MAX_BYTES + 1)).unwrap();
    assert_eq!(said().to_string(), too_large);
    std::fs::write(&path, "é".repeat(FILE_MAX_BYTES)).unwrap();
    assert_eq!(said().to_string(), too_large);

    let padded = format!("{EXAMPLE}{}", "#".repeat(FILE_MAX_BYTES - EXAMPLE.len()));
    std::fs::write(&path, padded).unwrap();
    assert!(load(&path).is_ok());
    std::fs::write(&path, format!("\u{feff}{}", EXAMPLE.replace('\n', "\r\n"))).unwrap();
    assert!(load(&path).is_ok());
}

/// Whatever the text, the answer is a plan or a list of problems that stand in the text, the same each time.
fn judged(text: &str) -> Result<(), TestCaseError> {
    let first = parse(text, "plan.toml");
    prop_assert_eq!(&first, &parse(text, "plan.toml"));
    let problems = match first {
        Ok(loaded) => loaded.warnings,
        Err(refused) => {
            prop_assert!(!refused.problems.is_empty());
            refused.problems
        }
    };
    let lines = text.matches('\n').count() + 1;
    for problem in problems {
        prop_assert!((1..=lines).contains(&(problem.line as usize)), "{}", problem);
        prop_assert!(!problem.to_string().contains('\n'), "{}", problem);
    }
    Ok(())
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}|[\\[\\]a-z0-9=\"{},.\n #-]{0,200}") {
        judged(&text)?;
    }

    #[test]
    fn the_example_with_a_piece_cut_out_or_put_in_never_panics(
        from in 0..EXAMPLE.len(),
        cut in 0_usize..60,
        put in "[\\[\\]a-z0-9=\"{},.\n #-]{0,12}|\\PC{0,4}",
    ) {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        let to = (from + cut).min(bytes.len());
        bytes.splice(from..to, put.bytes());
        judged(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn the_example_with_a_word_for_another_never_panics(
        at in any::<prop::sample::Index>(),
        with in any::<prop::sample::Index>(),
    ) {
        let words: Vec<&str> = EXAMPLE.split_inclusive(|c: char| !c.is_alphanumeric()).collect();
        let mut edited = words.clone();
        edited[at.index(words.len())] = words[with.index(words.len())];
        judged(&edited.concat())?;
    }
}
