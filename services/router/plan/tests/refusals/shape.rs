//! What each place of the file may hold.

use super::refused;

#[test]
fn what_is_not_toml_is_refused_where_it_breaks() {
    refused(
        "menu_s = 8",
        0,
        "menu_s = = 8",
        &[
            "plan.toml:7:10: not TOML: extra `=`, expected nothing",
            "plan.toml:7:12: not TOML: unexpected key or value, expected newline, `#`",
        ],
    );
    refused(r#"id = "main""#, 0, r#"id = "main"#, &[r#"plan.toml:9:11: not TOML: invalid basic string, expected `"`"#]);
    refused(r#"id = "main""#, 0, "id = \"main\"\nid = \"main\"", &["plan.toml:10:1: not TOML: duplicate key"]);
    refused("[timing]", 0, "[timing]\n[network]", &["plan.toml:7:2: not TOML: duplicate key"]);
}

#[test]
fn unknown_keys_are_refused_everywhere() {
    refused(
        "[timing]",
        0,
        "colour = \"red\"\n[timing]",
        &[
            "plan.toml:6:1: network.colour: unknown key; known here: id, name, default_region, default_need, default_language",
        ],
    );
    refused("menu_s", 0, "menus_s", &[r#"plan.toml:7:1: timing.menus_s: unknown key; did you mean "menu_s"?"#]);
    refused("[timing]", 0, "[timings]", &[r#"plan.toml:6:2: timings: unknown key; did you mean "timing"?"#]);
    refused(
        "[[centers]]\nid = \"harbor\"",
        0,
        "[[centers]]\nid = \"harbor\"\nregion = \"us\"",
        &["plan.toml:43:1: centers.harbor.region: unknown key; known here: id, name, time_zone, hours, holidays"],
    );
    refused(
        "account = \"twilio-main\"\nnumber = \"+12065550101\"",
        0,
        "account = \"twilio-main\"\nnumber = \"+12065550101\"\nnumbr = 1",
        &[r#"plan.toml:17:1: lines.local.numbr: unknown key; did you mean "number"?"#],
    );
    refused(
        "parent =",
        0,
        "area_code = [1]\nparent =",
        &[r#"plan.toml:23:1: regions.washington.area_code: unknown key; did you mean "area_codes"?"#],
    );
    refused(
        "skills =",
        0,
        "skill = \"x\"\nskills =",
        &[r#"plan.toml:29:1: needs.veteran.skill: unknown key; did you mean "skills"?"#],
    );
    refused(
        "offer_s = 30",
        0,
        "offer_ms = 30",
        &[r#"plan.toml:40:1: queues[2].offer_ms: unknown key; did you mean "offer_s"?"#],
    );
    refused(
        "capacity = { voice = 1 }",
        0,
        "capacity = { voise = 1 }",
        &[r#"plan.toml:55:14: counselors.ben.capacity: "voise" is not a channel; did you mean "voice"?"#],
    );
}

#[test]
fn what_has_to_be_there_is_missed_at_its_table() {
    refused("id = \"demo\"\n", 0, "", &["plan.toml:1:1: network.id: is missing; give it one of a-z, 0-9 and hyphens"]);
    refused(
        "default_region = \"us\"\n",
        0,
        "",
        &["plan.toml:1:1: network.default_region: is missing; name the region of people whose place is not known"],
    );
    refused(
        "default_need = \"general\"\n",
        0,
        "",
        &["plan.toml:1:1: network.default_need: is missing; name the need of people who did not say"],
    );
    refused(
        "default_language = \"en\"\n",
        0,
        "",
        &[
            r#"plan.toml:1:1: network.default_language: is missing; name the language of people who did not say, such as "en""#,
        ],
    );
    refused(
        "account = \"twilio-main\"\n",
        1,
        "",
        &["plan.toml:13:1: lines.local.account: is missing; name the carrier account it belongs to"],
    );
    refused(
        "number = \"+12065550101\"\n",
        0,
        "",
        &["plan.toml:13:1: lines.local.number: is missing; give the number that people dial"],
    );
    refused(
        "center = \"valley\"\n",
        0,
        "",
        &["plan.toml:51:1: counselors.ben.center: is missing; name the center they work at"],
    );
    refused(
        "languages = [\"en\"]\n",
        1,
        "",
        &[r#"plan.toml:51:1: counselors.ben.languages: is missing; name what they speak, such as ["en"]"#],
    );
}

#[test]
fn a_queue_says_whom_it_serves_and_who_serves_it() {
    refused(
        "regions = [\"us\"]\n",
        0,
        "",
        &["plan.toml:35:1: queues[2].regions: is missing; name the regions it serves"],
    );
    refused(
        "channels = [\"voice\"]\n",
        1,
        "",
        &["plan.toml:35:1: queues[2].channels: is missing; name the channels it serves: voice, text, chat"],
    );
    refused(
        "rings = [[\"harbor\"]]\n",
        0,
        "",
        &[
            r#"plan.toml:35:1: queues[2].rings: is missing; write a list of lists of centers, nearest first: [["harbor"], ["valley"]]"#,
        ],
    );
    refused(
        r#"needs = ["veteran"]"#,
        0,
        "needs = []",
        &["plan.toml:37:9: queues[2].needs: is empty; name the needs it serves"],
    );
}

#[test]
fn values_of_the_wrong_kind_are_refused() {
    refused(r#""demo""#, 0, "7", &["plan.toml:2:6: network.id: must be text in quotes, not a number without quotes"]);
    refused(
        "menu_s = 8",
        0,
        r#"menu_s = "8""#,
        &["plan.toml:7:10: timing.menu_s: must be a whole number from 1 to 3600, not text in quotes"],
    );
    refused(
        r#"["veteran"]"#,
        0,
        r#""veteran""#,
        &["plan.toml:29:10: needs.veteran.skills: must be a list in square brackets, not text in quotes"],
    );
    refused(
        "[[lines]]\nid = \"main\"",
        0,
        "[[lines]]\nid = false",
        &["plan.toml:9:6: lines[1].id: must be text in quotes, not true or false"],
    );
    refused(
        r#""+12065550100""#,
        0,
        "12065550100",
        &["plan.toml:11:10: lines.main.number: must be text in quotes, not a number without quotes"],
    );
    refused(
        r#"[["harbor"]]"#,
        0,
        r#"["harbor"]"#,
        &[
            r#"plan.toml:39:10: queues[2].rings: each ring is a list of centers, or a table with centers and a clock; write a list of lists of centers, nearest first: [["harbor"], ["valley"]]"#,
        ],
    );
    refused(
        r#"[["harbor"]]"#,
        0,
        "[[7]]",
        &["plan.toml:39:11: queues[2].rings: each must be text in quotes, not a number without quotes"],
    );
    refused(
        r#"{ 1 = "veteran" }"#,
        0,
        r#""veteran""#,
        &["plan.toml:12:8: lines.main.menu: must be a table, not text in quotes"],
    );
    refused(
        r#"{ 1 = "veteran" }"#,
        0,
        "{ 1 = 2 }",
        &["plan.toml:12:14: lines.main.menu.1: each digit names a need in quotes"],
    );
    refused(
        "[206, 253]",
        0,
        r#"["206"]"#,
        &["plan.toml:24:15: regions.washington.area_codes: an area code is a number from 200 to 999, without quotes"],
    );
}

#[test]
fn numbers_are_bounded() {
    refused("menu_s = 8", 0, "menu_s = 0", &["plan.toml:7:10: timing.menu_s: must be a whole number from 1 to 3600"]);
    refused(
        "menu_s = 8",
        0,
        "menu_s = 3601",
        &["plan.toml:7:10: timing.menu_s: must be a whole number from 1 to 3600"],
    );
    refused("menu_s = 8", 0, "menu_s = -8", &["plan.toml:7:10: timing.menu_s: must be a whole number from 1 to 3600"]);
    refused(
        "menu_s = 8",
        0,
        "menu_s = 99999999999999999999999",
        &["plan.toml:7:10: timing.menu_s: must be a whole number from 1 to 3600"],
    );
    refused(
        "menu_s = 8",
        0,
        "menu_s = 1.5",
        &["plan.toml:7:10: timing.menu_s: must be a whole number from 1 to 3600, not a number with a point"],
    );
    refused(
        "menu_s = 8",
        0,
        "external_keep_days = 401",
        &["plan.toml:7:22: timing.external_keep_days: must be a whole number from 1 to 400"],
    );
    refused(
        "offer_s = 30",
        0,
        "offer_s = 4000",
        &["plan.toml:40:11: queues[2].offer_s: must be a whole number from 1 to 3600"],
    );
    refused(
        "offer_s = 30",
        0,
        "wrap_up_s = 0",
        &["plan.toml:40:13: queues[2].wrap_up_s: must be a whole number from 1 to 3600"],
    );
}

#[test]
fn area_codes_priorities_and_capacities_are_bounded() {
    refused(
        "[206, 253]",
        0,
        "[206, 199, 1000]",
        &[
            "plan.toml:24:20: regions.washington.area_codes: an area code is a number from 200 to 999, without quotes",
            "plan.toml:24:25: regions.washington.area_codes: an area code is a number from 200 to 999, without quotes",
        ],
    );
    refused(
        r#"skills = ["veteran"]"#,
        0,
        "skills = [\"veteran\"]\npriority = 10",
        &["plan.toml:30:12: needs.veteran.priority: must be a whole number from 0 to 9"],
    );
    refused(
        "{ voice = 1 }",
        0,
        "{ voice = 2 }",
        &[
            "plan.toml:55:22: counselors.ben.capacity.voice: nobody talks with two people at once: it is 1; leave it out if they take no calls",
        ],
    );
    refused(
        "{ voice = 1 }",
        0,
        "{ voice = 1, text = 11 }",
        &[
            "plan.toml:55:32: counselors.ben.capacity.text: is not a number of conversations; use 1 to 10, or leave it out",
        ],
    );
    refused(
        "{ voice = 1 }",
        0,
        "{ voice = 1, chat = 0 }",
        &[
            "plan.toml:55:32: counselors.ben.capacity.chat: is not a number of conversations; use 1 to 10, or leave it out",
        ],
    );
    refused(
        "{ voice = 1 }",
        0,
        "{}",
        &["plan.toml:55:12: counselors.ben.capacity: is empty; leave it out for one call at a time"],
    );
}

#[test]
fn ids_names_languages_and_numbers_are_well_formed() {
    refused(
        r#""demo""#,
        0,
        r#""Demo 988""#,
        &[r#"plan.toml:2:6: network.id: "Demo 988" is not an id; use 1 to 40 of a-z, 0-9 and hyphens"#],
    );
    refused(
        r#"id = "ana""#,
        0,
        r#"id = """#,
        &[r#"plan.toml:47:6: counselors[1].id: "" is not an id; use 1 to 40 of a-z, 0-9 and hyphens"#],
    );
    refused(
        r#"id = "ben""#,
        0,
        "id = \"ben\\u0007\"",
        &["plan.toml:52:6: counselors[2].id: \"ben\\u{7}\" is not an id; use 1 to 40 of a-z, 0-9 and hyphens"],
    );
    refused(
        r#""Valley""#,
        0,
        r#""""#,
        &["plan.toml:45:8: centers.valley.name: a name is 1 to 80 characters on one line"],
    );
    refused(
        r#""Valley""#,
        0,
        "\"one\\ntwo\"",
        &["plan.toml:45:8: centers.valley.name: a name is 1 to 80 characters on one line"],
    );
}

#[test]
fn languages_numbers_and_menus_are_well_formed() {
    refused(
        "\"en\"\n[timing]",
        0,
        "\"english\"\n[timing]",
        &[
            r#"plan.toml:5:20: network.default_language: "english" is not a language tag; use small letters: en, es, ase, zh-hant"#,
        ],
    );
    refused(
        r#"["en"]"#,
        1,
        r#"["en", "en-US"]"#,
        &[
            r#"plan.toml:54:20: counselors.ben.languages: "en-US" is not a language tag; use small letters: en, es, ase, zh-hant"#,
        ],
    );
    refused(
        r#""+12065550100""#,
        0,
        r#""206-555-0100""#,
        &[
            r#"plan.toml:11:10: lines.main.number: is not an E.164 number; write a plus sign and 7 to 15 digits, as in "+12065550100""#,
        ],
    );
    refused(
        r#""twilio-main""#,
        0,
        r#""Twilio Main""#,
        &[r#"plan.toml:10:11: lines.main.account: "Twilio Main" is not an id; use 1 to 40 of a-z, 0-9 and hyphens"#],
    );
    refused(
        "[\"veteran\"]\n[[queues]]",
        0,
        "[\"Veteran\"]\n[[queues]]",
        &[r#"plan.toml:29:11: needs.veteran.skills: "Veteran" is not an id; use 1 to 40 of a-z, 0-9 and hyphens"#],
    );
    refused(
        "{ 1 =",
        0,
        "{ 10 =",
        &[r#"plan.toml:12:10: lines.main.menu: "10" is not a key of a phone; use one digit, 0 to 9"#],
    );
    refused(
        r#"{ 1 = "veteran" }"#,
        0,
        "{}",
        &["plan.toml:12:8: lines.main.menu: is empty; leave it out if there is no menu"],
    );
}
