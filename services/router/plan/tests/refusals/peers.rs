//! Peers, and what somebody must hold to be asked.

use super::{PLAN, accepted, listed, refused, refused_with, warned_with};
use holdfast_core::contact::Channel;
use holdfast_core::id::{CounselorId, PeerType};
use holdfast_core::time::Timestamp;
use holdfast_plan::limits::{CREDENTIALS_MAX, PEER_TYPES_MAX};
use holdfast_plan::{compile, read};

/// A peer of the small plan; what is added begins on line 61.
const PEER: &str = r#"[[peers]]
id = "quinn"
center = "harbor"
types = ["family"]
languages = ["en"]
"#;

/// The first moment of a day, by the day's number.
const fn day(number: u64) -> Timestamp {
    Timestamp(number * 86_400_000)
}

#[test]
fn a_peer_says_what_they_give() {
    refused_with(
        "[[peers]]\nid = \"quinn\"\ncenter = \"harbour\"\ntypes = [\"Family\", \"family\", \"family\"]\nlanguages = []\n",
        &[
            r#"plan.toml:58:10: peers.quinn.center: there is no center "harbour"; did you mean "harbor"?"#,
            r#"plan.toml:59:10: peers.quinn.types: "Family" is not an id; use 1 to 40 of a-z, 0-9 and hyphens"#,
            r#"plan.toml:59:30: peers.quinn.types: "family" is here twice, first on line 59; take one out"#,
            r#"plan.toml:60:13: peers.quinn.languages: is empty; name what they speak, such as ["en"]"#,
        ],
    );
    refused_with(
        "[[peers]]\nid = \"quinn\"\ncenter = \"harbor\"\nlanguages = [\"en\"]\n",
        &[
            r#"plan.toml:56:1: peers.quinn.types: is missing; name the kinds of support they give, such as ["substance-use"]"#,
        ],
    );
    // Only peers do.
    refused(
        "skills = [\"veteran\"]\nlanguages",
        0,
        "types = [\"family\"]\nskills = [\"veteran\"]\nlanguages",
        &[
            "plan.toml:49:1: counselors.ana.types: unknown key; known here: id, name, center, skills, languages, capacity, credentials",
        ],
    );
}

#[test]
fn counselors_and_peers_have_an_id_each() {
    refused_with(
        &PEER.replace("quinn", "ana"),
        &["plan.toml:57:6: peers.ana.id: a counselor has this id, on line 47; give each its own"],
    );
    refused_with(
        &format!("{PEER}{PEER}"),
        &["plan.toml:62:6: peers.quinn.id: another peer has this id, on line 57; give each its own"],
    );
}

#[test]
fn a_peer_becomes_a_member_whom_no_queue_asks() {
    let plan = accepted(PEER).plan;
    let quinn = &plan.members[&CounselorId::from("quinn")];
    assert_eq!(quinn.peer.as_ref().unwrap().types, [PeerType::from("family")].into());
    assert_eq!(quinn.capacity, [(Channel::Voice, 1), (Channel::Text, 2)].into());
    assert!(plan.members[&CounselorId::from("ana")].peer.is_none());
    assert_eq!(plan.names.unwrap().members[&CounselorId::from("quinn")], "quinn");
    // A center of peers alone is in no ring, and need not be.
    warned_with(&format!("[[centers]]\nid = \"east\"\n{}", PEER.replace("harbor", "east")), &[]);
    // A counselor's own work is not done by a peer.
    warned_with(
        &format!(
            "[[centers]]\nid = \"east\"\n[[queues]]\nregions = [\"washington\"]\nneeds = [\"veteran\"]\nchannels = [\"voice\"]\nrings = [[\"east\"]]\n{}",
            PEER.replace("harbor", "east")
        ),
        &[
            "plan.toml:57:6: centers.east: no counselor works there; add some, or take it out",
            "plan.toml:60:10: queues[3].needs: nobody in its rings is trained for veteran, speaks en and takes voice; add a center that has somebody to its rings, or train somebody there",
        ],
    );
}

#[test]
fn a_type_that_is_probably_another_is_warned_about() {
    let other = |id: &str| PEER.replace("quinn", id);
    warned_with(
        &format!("{}{}{}", PEER, other("rosa"), other("sol").replace("family", "familiy")),
        &[r#"plan.toml:69:10: peers.sol.types: only one peer gives "familiy"; did you mean "family"?"#],
    );
}

#[test]
fn types_are_counted() {
    let types: Vec<String> = (0..=PEER_TYPES_MAX).map(|n| format!("\"type-{n:04}-{n:04}\"")).collect();
    let (fits, many) = (types[1..].join(",\n"), types.join(",\n"));
    warned_with(&PEER.replace("\"family\"", &fits), &[]);
    refused_with(
        &PEER.replace("\"family\"", &many),
        &[
            "plan.toml:159:1: peers.quinn.types: with this there are more than 100 types of peer support; use fewer: a counselor chooses among them with a person waiting",
        ],
    );
}

#[test]
fn a_credential_has_a_name_and_a_last_day() {
    refused_with(
        &format!("{PEER}credentials = [{{ name = \"a\", expires = \"2027-02-29\" }}, {{ expires = \"soon\" }}]\n"),
        &[
            r#"plan.toml:61:40: peers.quinn.credentials[1].expires: "2027-02-29" is not a day; write year, month and day, as in "2027-05-01""#,
            "plan.toml:61:56: peers.quinn.credentials[2].name: is missing; say what they hold",
            r#"plan.toml:61:68: peers.quinn.credentials[2].expires: "soon" is not a day; write year, month and day, as in "2027-05-01""#,
        ],
    );
    refused_with(
        &format!(
            "{PEER}credentials = [{{ name = \"a\" }}, {{ name = \"\", expires = \"2027-05-01\", until = 1 }}, 3]\n"
        ),
        &[
            r#"plan.toml:61:16: peers.quinn.credentials[1].expires: is missing; give the last day it is good, as in "2027-05-01""#,
            "plan.toml:61:41: peers.quinn.credentials[2].name: a name is 1 to 80 characters on one line",
            "plan.toml:61:69: peers.quinn.credentials[2].until: unknown key; known here: name, expires",
            "plan.toml:61:82: peers.quinn.credentials: must be a table, not a number without quotes",
        ],
    );
    refused_with(
        &format!("{PEER}credentials = \"a\"\n"),
        &["plan.toml:61:15: peers.quinn.credentials: must be a list of tables, not text in quotes"],
    );
    let twice = "{ name = \"a\", expires = \"2027-05-01\" }";
    refused_with(
        &format!("{PEER}credentials = [{twice}, {twice}]\n"),
        &[r#"plan.toml:61:65: peers.quinn.credentials: "a" is here twice, first on line 61; take one out"#],
    );
    // A day is a day and no moment, and a slip in the year is no day.
    for wrong in ["2027-05-01T00:00", "0027-05-01", "20270501", "2027-5-1", "1999-12-31", " 2027-05-01"] {
        let text = format!("{PEER}credentials = [{{ name = \"a\", expires = \"{wrong}\" }}]\n");
        let expected = format!(
            "plan.toml:61:40: peers.quinn.credentials[1].expires: \"{wrong}\" is not a day; write year, month and day, as in \"2027-05-01\""
        );
        refused_with(&text, &[&expected]);
    }
}

#[test]
fn credentials_are_counted() {
    let entries: Vec<String> =
        (0..=CREDENTIALS_MAX).map(|n| format!("{{ name = \"c{n}\", expires = \"2027-05-01\" }}")).collect();
    let (fits, many) = (entries[1..].join(",\n"), entries.join(",\n"));
    warned_with(&format!("{PEER}credentials = [\n{fits}]\n"), &[]);
    refused_with(
        &format!("{PEER}credentials = [\n{many}]\n"),
        &[
            "plan.toml:82:1: peers.quinn.credentials: there are 21, and at most 20 are allowed; leave out those that nobody is asked for",
        ],
    );
}

#[test]
fn a_credential_is_good_through_its_last_day() {
    // 1 May 2027 is day 20,939 of Unix time.
    let added = format!("{PEER}credentials = [{{ name = \"Peer certification\", expires = \"2027-05-01\" }}]\n");
    let text = format!("{PLAN}{added}");
    let at = |now: Timestamp| compile(read(&text, "plan.toml").as_of(now), 0).unwrap();
    let quinn = CounselorId::from("quinn");
    let good_until = at(day(0)).plan.members[&quinn].credentials["Peer certification"];
    assert_eq!(good_until, day(20_940));
    assert_eq!(listed(&at(Timestamp(day(20_940).0 - 1)).warnings), Vec::<String>::new());
    assert_eq!(
        listed(&at(day(20_940)).warnings),
        [
            r#"plan.toml:59:10: peers.quinn.types: nobody can be asked for "family": what they must hold has run out; renew it for one of them, or add another peer"#,
            r#"plan.toml:61:25: peers.quinn.credentials: quinn cannot be asked: "Peer certification" has run out; renew it, or take it out if it is not needed"#,
        ]
    );
    // The plan itself is the same on every day.
    assert_eq!(at(day(20_940)).plan, at(day(0)).plan);
    assert_eq!(accepted(&added).plan, at(day(0)).plan);
}

#[test]
fn a_counselor_may_have_to_hold_something_too() {
    let added = "credentials = [{ name = \"Safety planning\", expires = \"2001-01-01\" }]\n";
    let text = format!("{PLAN}{added}");
    let loaded = compile(read(&text, "plan.toml").as_of(day(20_000)), 0).unwrap();
    assert_eq!(
        listed(&loaded.warnings),
        [
            r#"plan.toml:56:25: counselors.ben.credentials: ben cannot be asked: "Safety planning" has run out; renew it, or take it out if it is not needed"#,
        ]
    );
    let ben = &loaded.plan.members[&CounselorId::from("ben")];
    assert_eq!(ben.expired(day(20_000)), Some("Safety planning"));
}
