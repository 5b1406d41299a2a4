//! What the parts of the plan may say to each other.

use super::{edited, listed, refusal, refused, warned};

#[test]
fn ids_are_unique_and_both_lines_are_named() {
    refused(
        r#"id = "local""#,
        0,
        r#"id = "main""#,
        &["plan.toml:14:6: lines.main.id: another line has this id, on line 9; give each its own"],
    );
    refused(
        r#"id = "washington""#,
        0,
        "id = \"us\"\n",
        &[
            "plan.toml:22:6: regions.us.id: another region has this id, on line 19; give each its own",
            r#"plan.toml:32:18: queues[1].regions: there is no region "washington"; add it under [[regions]], or name another"#,
        ],
    );
    refused(
        r#"id = "veteran""#,
        0,
        r#"id = "general""#,
        &[
            r#"plan.toml:12:14: lines.main.menu.1: there is no need "veteran"; add it under [[needs]], or name another"#,
            "plan.toml:28:6: needs.general.id: another need has this id, on line 26; give each its own",
            r#"plan.toml:37:10: queues[2].needs: there is no need "veteran"; add it under [[needs]], or name another"#,
        ],
    );
    refused(
        r#"id = "valley""#,
        0,
        r#"id = "harbor""#,
        &[
            r#"plan.toml:34:23: queues[1].rings: there is no center "valley"; add it under [[centers]], or name another"#,
            "plan.toml:44:6: centers.harbor.id: another center has this id, on line 42; give each its own",
            r#"plan.toml:53:10: counselors.ben.center: there is no center "valley"; add it under [[centers]], or name another"#,
        ],
    );
    refused(
        r#"id = "ben""#,
        0,
        r#"id = "ana""#,
        &["plan.toml:52:6: counselors.ana.id: another counselor has this id, on line 47; give each its own"],
    );
    refused(
        r#""+12065550101""#,
        0,
        r#""+12065550100""#,
        &["plan.toml:16:10: lines.local.number: another line has this number, on line 11; give each its own"],
    );
}

#[test]
fn what_is_referred_to_exists() {
    refused(
        r#"default_region = "us""#,
        0,
        r#"default_region = "usa""#,
        &[r#"plan.toml:3:18: network.default_region: there is no region "usa"; did you mean "us"?"#],
    );
    refused(
        r#"default_need = "general""#,
        0,
        r#"default_need = "anything-else""#,
        &[
            r#"plan.toml:4:16: network.default_need: there is no need "anything-else"; add it under [[needs]], or name another"#,
        ],
    );
    refused(
        r#"{ 1 = "veteran" }"#,
        0,
        r#"{ 1 = "vetaran" }"#,
        &[r#"plan.toml:12:14: lines.main.menu.1: there is no need "vetaran"; did you mean "veteran"?"#],
    );
    refused(
        r#"need = "general""#,
        1,
        r#"need = "genral""#,
        &[r#"plan.toml:17:8: lines.local.need: there is no need "genral"; did you mean "general"?"#],
    );
    refused(
        r#"parent = "us""#,
        0,
        r#"parent = "nation""#,
        &[
            r#"plan.toml:23:10: regions.washington.parent: there is no region "nation"; add it under [[regions]], or name another"#,
        ],
    );
    refused(
        r#"["us", "washington"]"#,
        0,
        r#"["us", "washingtn"]"#,
        &[r#"plan.toml:31:18: queues[1].regions: there is no region "washingtn"; did you mean "washington"?"#],
    );
    refused(
        r#"needs = ["veteran"]"#,
        0,
        r#"needs = ["veterans"]"#,
        &[r#"plan.toml:37:10: queues[2].needs: there is no need "veterans"; did you mean "veteran"?"#],
    );
    refused(
        r#"[["harbor"], ["valley"]]"#,
        0,
        r#"[["harbor"], ["valey"]]"#,
        &[r#"plan.toml:34:23: queues[1].rings: there is no center "valey"; did you mean "valley"?"#],
    );
    refused(
        r#"center = "valley""#,
        0,
        r#"center = "harbour""#,
        &[r#"plan.toml:53:10: counselors.ben.center: there is no center "harbour"; did you mean "harbor"?"#],
    );
    refused(
        r#"["voice"]"#,
        1,
        r#"["vioce"]"#,
        &[r#"plan.toml:38:13: queues[2].channels: "vioce" is not a channel; did you mean "voice"?"#],
    );
}

#[test]
fn a_line_says_one_thing() {
    refused(
        r#"need = "general""#,
        1,
        "need = \"general\"\nmenu = { 1 = \"veteran\" }",
        &[
            "plan.toml:17:8: lines.local.need: the line has a need and also a menu, on line 18; keep the need if everybody who dials it wants the same, otherwise the menu",
        ],
    );
    refused(
        r#"need = "general""#,
        1,
        "need = \"spanish\"\nlanguage = \"en\"\n[[needs]]\nid = \"spanish\"\nlanguage = \"es\"",
        &[
            r#"plan.toml:18:12: lines.local.language: the line says "en", and its need implies "es", on line 21; take out one of them"#,
        ],
    );
}

#[test]
fn regions_are_a_tree_and_an_area_code_has_one_place() {
    refused(
        r#"id = "us""#,
        0,
        "id = \"us\"\nparent = \"us\"",
        &["plan.toml:20:10: regions.us.parent: a region cannot be its own parent; leave out the parent of the topmost"],
    );
    refused(
        r#"id = "us""#,
        0,
        "id = \"us\"\nparent = \"washington\"",
        &[
            "plan.toml:20:10: regions.us.parent: the parents go round in a circle: us → washington → us; leave out the parent of the topmost",
        ],
    );
    refused(
        "[206, 253]",
        0,
        "[206, 212]",
        &["plan.toml:24:20: regions.washington.area_codes: area code 212 is taken on line 20; keep it in one region"],
    );
    refused(
        "[206, 253]",
        0,
        "[206, 206]",
        &["plan.toml:24:20: regions.washington.area_codes: area code 206 is taken on line 24; keep it in one region"],
    );
}

#[test]
fn queues_do_not_overlap_and_rings_do_not_repeat() {
    refused(
        r#"needs = ["veteran"]"#,
        0,
        r#"needs = ["veteran", "general"]"#,
        &[
            r#"plan.toml:35:1: queues[2].regions: the queue of "us", "general" and voice is already defined on line 30; take it out of one of them"#,
        ],
    );
    refused(
        r#"["us", "washington"]"#,
        0,
        r#"["us", "us"]"#,
        &[r#"plan.toml:31:18: queues[1].regions: "us" is here twice, first on line 31; take one out"#],
    );
    refused(
        r#"[["harbor"], ["valley"]]"#,
        0,
        r#"[["harbor"], ["valley", "harbor"]]"#,
        &[r#"plan.toml:34:33: queues[1].rings: "harbor" is already in a ring before, on line 34; keep the nearer one"#],
    );
    refused(
        r#"[["harbor"], ["valley"]]"#,
        0,
        r#"[["harbor"], []]"#,
        &["plan.toml:34:22: queues[1].rings: a ring without centers; take it out"],
    );
    refused(
        r#"[["harbor"], ["valley"]]"#,
        0,
        "[]",
        &[
            r#"plan.toml:34:9: queues[1].rings: is empty; write a list of lists of centers, nearest first: [["harbor"], ["valley"]]"#,
        ],
    );
    refused(
        r#"[["harbor"], ["valley"]]"#,
        0,
        r#"[["harbor", "harbor"]]"#,
        &[r#"plan.toml:34:21: queues[1].rings: "harbor" is here twice, first on line 34; take one out"#],
    );
}

#[test]
fn there_is_a_default_queue_that_somebody_can_serve() {
    refused(
        r#"["us", "washington"]"#,
        0,
        r#"["washington"]"#,
        &[
            r#"plan.toml:3:18: network.default_region: no queue serves "us", "general" and voice, so voice has no default queue; add one under [[queues]]: people whom no other queue fits go there"#,
        ],
    );
    refused(
        r#"channels = ["voice"]"#,
        1,
        r#"channels = ["voice", "text"]"#,
        &[
            r#"plan.toml:3:18: network.default_region: no queue serves "us", "general" and text, so text has no default queue; add one under [[queues]]: people whom no other queue fits go there"#,
        ],
    );
    refused(
        r#"channels = ["voice"]"#,
        0,
        r#"channels = ["chat"]"#,
        &[
            r#"plan.toml:3:18: network.default_region: no queue serves "us", "general" and voice, so voice has no default queue; add one under [[queues]]: people whom no other queue fits go there"#,
            "plan.toml:32:10: queues[1].needs: nobody in its rings speaks en and takes chat, and it is the default queue; add a center that has somebody to its rings, or train somebody there",
        ],
    );
    refused(
        "\"en\"\n[timing]",
        0,
        "\"es\"\n[timing]",
        &[
            "plan.toml:32:10: queues[1].needs: nobody in its rings speaks es and takes voice, and it is the default queue; add a center that has somebody to its rings, or train somebody there",
        ],
    );
    refused(
        r#"id = "general""#,
        0,
        "id = \"general\"\nskills = [\"listening\"]",
        &[
            "plan.toml:33:10: queues[1].needs: nobody in its rings is trained for listening, speaks en and takes voice, and it is the default queue; add a center that has somebody to its rings, or train somebody there",
        ],
    );
}

#[test]
fn queues_that_nobody_can_serve_are_warned_about() {
    warned(
        "[\"veteran\"]\nlanguages",
        0,
        "[]\nlanguages",
        &[
            r#"plan.toml:29:11: needs.veteran.skills: no counselor has the skill "veteran"; give it to a counselor who is trained for it"#,
            "plan.toml:37:10: queues[2].needs: nobody in its rings is trained for veteran, speaks en and takes voice; add a center that has somebody to its rings, or train somebody there",
        ],
    );
    warned(
        "[\"veteran\"]\nlanguages",
        0,
        "[\"vetaran\"]\nlanguages",
        &[
            r#"plan.toml:29:11: needs.veteran.skills: no counselor has the skill "veteran"; did you mean "vetaran"?"#,
            "plan.toml:37:10: queues[2].needs: nobody in its rings is trained for veteran, speaks en and takes voice; add a center that has somebody to its rings, or train somebody there",
            r#"plan.toml:49:11: counselors.ana.skills: no need asks for the skill "vetaran"; did you mean "veteran"?"#,
        ],
    );
    warned(
        r#"[["harbor"]]"#,
        0,
        r#"[["valley"]]"#,
        &[
            "plan.toml:37:10: queues[2].needs: nobody in its rings is trained for veteran, speaks en and takes voice; add a center that has somebody to its rings, or train somebody there",
        ],
    );
    warned(
        r#"skills = ["veteran"]"#,
        0,
        "skills = [\"veteran\"]\nlanguage = \"es\"",
        &[
            "plan.toml:38:10: queues[2].needs: nobody in its rings is trained for veteran, speaks es and takes voice; add a center that has somebody to its rings, or train somebody there",
        ],
    );
}

#[test]
fn what_leads_nowhere_is_warned_about() {
    warned(
        r#"[["harbor"], ["valley"]]"#,
        0,
        r#"[["harbor"]]"#,
        &[
            "plan.toml:44:6: centers.valley: it is in no ring: nobody there is ever asked; add it to the rings of a queue",
        ],
    );
    warned(
        r#"center = "valley""#,
        0,
        r#"center = "harbor""#,
        &["plan.toml:44:6: centers.valley: no counselor works there; add some, or take it out"],
    );
    warned(
        r#"need = "general""#,
        1,
        r#"language = "es""#,
        &[r#"plan.toml:17:12: lines.local.language: no counselor speaks "es"; add somebody who does"#],
    );
    warned(
        "[[queues]]\nregions = [\"us\"]\n",
        0,
        "[[needs]]\nid = \"youth\"\n[[queues]]\nregions = [\"us\"]\n",
        &[
            "plan.toml:36:6: needs.youth: no queue serves this need: its people go to the default queue; add it to the needs of a queue",
        ],
    );
}

#[test]
fn the_search_begins_at_once_and_never_turns_back() {
    let rings = |rings: &str, said: &[&str]| refused(r#"[["harbor"], ["valley"]]"#, 0, rings, said);
    rings(
        r#"[{ centers = ["harbor"], after_s = 5 }]"#,
        &[
            "plan.toml:34:10: queues[1].rings[1]: the first ring is asked at once: a clock means nothing here; leave it out",
        ],
    );
    rings(
        r#"[{ centers = ["harbor"], answered_below_percent = 80 }]"#,
        &[
            "plan.toml:34:10: queues[1].rings[1]: the first ring is asked at once: a clock means nothing here; leave it out",
        ],
    );
    rings(
        r#"[["harbor"], { centers = ["valley"], after_s = 3601 }]"#,
        &["plan.toml:34:56: queues[1].rings[2].after_s: must be a whole number from 0 to 3600"],
    );
    rings(
        r#"[["harbor"], { centers = ["valley"], answered_below_percent = 0 }]"#,
        &["plan.toml:34:71: queues[1].rings[2].answered_below_percent: must be a whole number from 1 to 100"],
    );
    rings(
        r#"[["harbor"], { centers = ["valley"], after = 60 }]"#,
        &[
            "plan.toml:34:46: queues[1].rings[2].after: unknown key; known here: centers, after_s, answered_below_percent",
        ],
    );
    rings(
        r#"[["harbor"], { after_s = 60 }]"#,
        &["plan.toml:34:22: queues[1].rings[2].centers: is missing; name the centers that it asks"],
    );
    rings(
        r#"[["harbor"], { centers = ["harbor"], after_s = 60 }]"#,
        &[r#"plan.toml:34:35: queues[1].rings: "harbor" is already in a ring before, on line 34; keep the nearer one"#],
    );
    let text = edited(r#"id = "valley""#, 0, "id = \"valley\"\n[[centers]]\nid = \"north\"");
    let backwards = r#"[["harbor"], { centers = ["valley"], after_s = 60 }, { centers = ["north"], after_s = 30 }]"#;
    let text = text.replace(r#"[["harbor"], ["valley"]]"#, backwards);
    assert_eq!(
        listed(&refusal(&text).problems),
        [
            "plan.toml:34:62: queues[1].rings[3]: it is asked after 30 s, the ring before it, on line 34, after 60 s; give it after_s = 60 or more, or let the two change places"
        ]
    );
}

#[test]
fn a_need_for_some_only_names_regions_and_channels_that_exist() {
    let veteran = |lines: &str, said: &[&str]| {
        refused("id = \"veteran\"\n", 0, &format!("id = \"veteran\"\n{lines}\n"), said);
    };
    veteran(
        r#"regions = ["wasington"]"#,
        &[r#"plan.toml:29:12: needs.veteran.regions: there is no region "wasington"; did you mean "washington"?"#],
    );
    veteran(
        r#"channels = ["phone"]"#,
        &[r#"plan.toml:29:13: needs.veteran.channels: "phone" is not a channel; use voice, text or chat"#],
    );
    refused(
        "id = \"general\"\n",
        0,
        "id = \"general\"\nregions = [\"washington\"]\n",
        &[
            r#"plan.toml:4:16: network.default_need: "general" is not for everybody: it has regions or channels; name a need without them: people who did not say get it"#,
        ],
    );
}
