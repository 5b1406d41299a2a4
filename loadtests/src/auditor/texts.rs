//! Messages, between the carrier's ledger and the desks': none lost, none doubled, none out of order, both ways.
//!
//! A message is known by the mark of its words. Where several in one conversation have the same words, the first is taken for the
//! first. What comes first is judged only where one was settled before the other began.

mod inbound;
mod outbound;
mod threads;

use super::sheet::Sheet;
use threads::Thread;

pub(crate) fn check(sheet: &mut Sheet<'_>) {
    let threads = threads::of(sheet);
    for (index, thread) in threads.iter().enumerate() {
        let Some(story) = sheet.conversations.get(index).cloned() else { continue };
        sheet.texts.conversations += usize::from(story.acked_ms().is_some());
        sheet.texts.inbound += story.inbound.iter().filter(|text| text.taken_ms.is_some()).count();
        sheet.texts.outbound += story.outbound.iter().filter(|text| text.message.is_some()).count();
        inbound::check(sheet, &story, thread);
        outbound::check(sheet, &story, thread);
    }
    neglected(sheet, &threads);
}

/// How often something was settled before something that is found before it had even begun. Each is (begun, settled).
fn inversions(found: &[(u64, u64)]) -> usize {
    let mut latest_begun_ms = 0;
    let mut count = 0;
    for (begun_ms, settled_ms) in found {
        count += usize::from(*settled_ms < latest_begun_ms);
        latest_begun_ms = latest_begun_ms.max(*begun_ms);
    }
    count
}

/// L1: an acknowledged conversation that nobody ever had, beside an idle eligible counselor. To the end of the run: lost.
fn neglected(sheet: &mut Sheet<'_>, threads: &[Thread]) {
    let Some(eligible) = &sheet.settings.eligible_in_writing else { return };
    let limit_ms = sheet.settings.text_stuck_ms;
    let mut broken = Vec::new();
    for (story, thread) in sheet.conversations.iter().zip(threads) {
        let Some(acked_ms) = story.acked_ms().filter(|_| !thread.was_offered) else { continue };
        let idle = sheet.idle.iter().filter(|(counselor, _)| eligible(counselor, story));
        let waited = idle.flat_map(|(counselor, spans)| spans.iter().map(move |span| (counselor, span)));
        let longest = waited
            .filter(|(_, span)| span.until_ms.saturating_sub(span.from_ms.max(acked_ms)) > limit_ms)
            .max_by_key(|(_, span)| span.until_ms);
        if let Some((counselor, span)) = longest {
            let to_the_end = span.until_ms >= sheet.carrier.until_ms;
            let texts = story.inbound.iter().filter(|text| text.taken_ms.is_some()).count();
            let text = format!("conversation {} waited while {counselor} was idle", story.conversation);
            broken.push((acked_ms, text, if to_the_end { texts } else { 0 }));
        }
    }
    for (at_ms, text, lost) in broken {
        sheet.texts.lost += lost;
        sheet.find("L1", at_ms, text);
    }
}

#[cfg(test)]
mod tests {
    use super::inversions;

    #[test]
    fn only_what_certainly_came_earlier_is_out_of_order() {
        assert_eq!(inversions(&[(0, 10), (5, 15), (20, 30)]), 0);
        assert_eq!(inversions(&[(5, 15), (0, 10), (20, 30)]), 0);
        assert_eq!(inversions(&[(20, 30), (0, 10), (5, 15)]), 2);
        assert_eq!(inversions(&[]), 0);
    }
}
