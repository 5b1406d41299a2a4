//! `holdfast direct`: what an operator decides for a while about a center or a queue, and what is decided now.

use crate::cli::{Direct, DirectVerb, DoorName, Output, Spell};
use crate::exit;
use crate::explain::router;
use anyhow::Context as _;
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{
    CenterMeasure, Channel, Command, Directive, Door, EndDirective, GiveDirective, ListDirectivesRequest,
    ListDirectivesResponse, QueueKey, QueueMeasure, SubmitRequest, directive, end_directive, give_directive,
};
use jiff::{Span, SpanRelativeTo};
use serde_json::{Value, json};
use std::process::ExitCode;

const CHANNELS: [(&str, Channel); 3] = [("voice", Channel::Voice), ("text", Channel::Text), ("chat", Channel::Chat)];

pub(crate) async fn run(verb: Direct) -> anyhow::Result<ExitCode> {
    let (operator, kind) = match verb.verb {
        DirectVerb::List { output, operator } => {
            let listed = router(&operator)?.list_directives(ListDirectivesRequest {}).await?.into_inner();
            match output {
                Output::Json => exit::out(&as_json(&listed).to_string()),
                Output::Table => as_table(&listed).iter().for_each(|line| exit::out(line)),
            }
            return Ok(ExitCode::SUCCESS);
        }
        DirectVerb::Center { center, door, spell, operator } => {
            let measure = CenterMeasure { center, door: door_of(door) as i32 };
            (operator, given(give_directive::Measure::Center(measure), &spell)?)
        }
        DirectVerb::Queue { queue, to, spell, operator } => {
            let measure = QueueMeasure { queue: Some(queue_of(&queue)?), to: Some(queue_of(&to)?) };
            (operator, given(give_directive::Measure::Queue(measure), &spell)?)
        }
        DirectVerb::End { about, operator } => {
            let subject = if about.contains('/') {
                end_directive::Subject::Queue(queue_of(&about)?)
            } else {
                end_directive::Subject::Center(about)
            };
            (operator, Kind::EndDirective(EndDirective { subject: Some(subject) }))
        }
    };
    let request = SubmitRequest {
        request_id: uuid::Uuid::now_v7().to_string(),
        on_behalf_of: None,
        command: Some(Command { kind: Some(kind) }),
    };
    let response = router(&operator)?.submit(request).await?.into_inner();
    exit::out(&format!("done; recorded at {}", response.position.map_or(0, |it| it.sequence)));
    Ok(ExitCode::SUCCESS)
}

fn given(measure: give_directive::Measure, spell: &Spell) -> anyhow::Result<Kind> {
    let usage = "--for is not a time: write 45m, 2h or 1d";
    let lasts: Span = spell.lasts.parse().context(usage)?;
    let lasts = lasts.to_duration(SpanRelativeTo::days_are_24_hours()).context(usage)?;
    let for_ms = u64::try_from(lasts.as_millis()).context("--for must lie ahead")?;
    Ok(Kind::GiveDirective(GiveDirective { measure: Some(measure), for_ms, reason: spell.reason.clone() }))
}

const fn door_of(door: DoorName) -> Door {
    match door {
        DoorName::Taking => Door::Taking,
        DoorName::Draining => Door::Draining,
        DoorName::Closed => Door::Closed,
    }
}

/// A queue as people write it: region/need/channel.
fn queue_of(text: &str) -> anyhow::Result<QueueKey> {
    let usage = || format!("{text:?} is not a queue: write region/need/channel, as in washington/general/voice");
    let parts: Vec<&str> = text.split('/').collect();
    let &[region, need, channel] = parts.as_slice() else { anyhow::bail!(usage()) };
    let (_, channel) = CHANNELS.iter().find(|(name, _)| *name == channel).with_context(usage)?;
    Ok(QueueKey { region: region.to_owned(), need: need.to_owned(), channel: *channel as i32 })
}

fn queue_name(queue: Option<&QueueKey>) -> String {
    queue.map_or_else(String::new, |it| format!("{}/{}/{}", it.region, it.need, channel_name(it.channel)))
}

fn channel_name(channel: i32) -> &'static str {
    CHANNELS.iter().find(|(_, it)| *it as i32 == channel).map_or("", |(name, _)| *name)
}

/// What a directive is about, and what it says.
fn said(it: &Directive) -> (String, String) {
    match &it.measure {
        Some(directive::Measure::Center(it)) => {
            let door = match it.door() {
                Door::Taking => "taking",
                Door::Draining => "draining",
                Door::Closed => "closed",
                Door::Unspecified => "",
            };
            (it.center.clone(), door.to_owned())
        }
        Some(directive::Measure::Queue(it)) => {
            (queue_name(it.queue.as_ref()), format!("as {}", queue_name(it.to.as_ref())))
        }
        None => Default::default(),
    }
}

fn as_table(it: &ListDirectivesResponse) -> Vec<String> {
    let mut lines = vec![format!("{:<32} {:<32} {:>9}  {:<12} why", "about", "what", "ends in", "by")];
    for directive in &it.directives {
        let (about, what) = said(directive);
        let minutes = directive.until_at_ms.saturating_sub(it.at_ms).div_ceil(60_000);
        let left = format!("{}:{:02} h", minutes / 60, minutes % 60);
        lines.push(format!("{about:<32} {what:<32} {left:>9}  {:<12} {}", directive.by, directive.reason));
    }
    for center in &it.out_of_hours {
        let closed: Vec<&str> = center.closed.iter().map(|it| channel_name(*it)).collect();
        lines.push(format!("{:<32} closed by its hours: {}", center.center, closed.join(", ")));
    }
    lines
}

fn as_json(it: &ListDirectivesResponse) -> Value {
    let directives = it.directives.iter().map(|directive| {
        let (about, what) = said(directive);
        let ends_in_ms = directive.until_at_ms.saturating_sub(it.at_ms);
        json!({ "about": about, "what": what, "ends_in_ms": ends_in_ms, "by": directive.by, "reason": directive.reason })
    });
    let out_of_hours = it.out_of_hours.iter().map(|center| {
        let closed: Vec<&str> = center.closed.iter().map(|it| channel_name(*it)).collect();
        json!({ "center": center.center, "closed": closed })
    });
    json!({ "directives": directives.collect::<Vec<_>>(), "out_of_hours": out_of_hours.collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_are_read_as_they_are_written() {
        assert_eq!(queue_name(Some(&queue_of("us/general/text").unwrap())), "us/general/text");
        for wrong in ["us/general", "us/general/fax", "us/general/voice/now", ""] {
            assert!(queue_of(wrong).unwrap_err().to_string().contains("region/need/channel"), "{wrong}");
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        let spell = |lasts: &str| Spell { lasts: lasts.to_owned(), reason: "power cut".to_owned() };
        let measure = || give_directive::Measure::Center(CenterMeasure::default());
        for (lasts, expected_ms) in [("45m", 2_700_000), ("1h 30m", 5_400_000), ("1d", 86_400_000)] {
            let Kind::GiveDirective(it) = given(measure(), &spell(lasts)).unwrap() else { unreachable!() };
            assert_eq!(it.for_ms, expected_ms, "{lasts}");
        }
        for wrong in ["soon", "-1h", ""] {
            assert!(given(measure(), &spell(wrong)).is_err(), "{wrong}");
        }
    }
}
