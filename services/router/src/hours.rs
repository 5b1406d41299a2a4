//! Tells the core which centers are open: at the start, with every plan, and whenever one opens or closes.
//!
//! The only room beside the clock that looks at the wall: people read opening hours off theirs. A wall clock that is set back, or that
//! a machine slept through, is noticed at the next look. Deliberately absent: what hours mean, which is the calendar's.

use holdfast_core::command::Command;
use holdfast_core::plan::Plan;
use holdfast_plan::Calendar;

/// What was told last, and when to look again.
#[derive(Debug, Default)]
pub struct OpeningHours {
    calendar: Calendar,
    /// The version of the plan it is of.
    plan: u64,
    looked_at_ms: i64,
    changes_at_ms: Option<i64>,
}

impl OpeningHours {
    /// What to tell the core, if there is anything new by this wall time, in Unix milliseconds.
    pub fn due(&mut self, plan: Option<&Plan>, wall_ms: i64) -> Option<Command> {
        let plan = plan?;
        let is_new = plan.version != self.plan;
        if is_new {
            self.calendar = Calendar::of(plan);
            self.plan = plan.version;
        }
        let was_set_back = wall_ms < self.looked_at_ms;
        let changes = self.changes_at_ms.is_some_and(|at| wall_ms >= at);
        self.looked_at_ms = wall_ms;
        if self.calendar.is_empty() || !(is_new || was_set_back || changes) {
            return None;
        }
        self.changes_at_ms = self.calendar.changes_after(wall_ms);
        Some(Command::SetHours { open: self.calendar.open_at(wall_ms) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_core::contact::Channel;

    const PLAN: &str = r#"
[network]
id = "demo"
default_region = "us"
default_need = "general"
default_language = "en"
[[regions]]
id = "us"
[[needs]]
id = "general"
[[queues]]
regions = ["us"]
needs = ["general"]
channels = ["voice"]
rings = [["harbor"]]
[[centers]]
id = "harbor"
time_zone = "UTC"
hours = { voice = ["daily 08:00-22:00"] }
[[counselors]]
id = "ana"
center = "harbor"
languages = ["en"]
"#;
    /// The first of January 1970 at this hour.
    const fn at(hour: i64) -> i64 {
        hour * 3_600_000
    }

    fn is_open(command: Option<Command>) -> Option<bool> {
        let Some(Command::SetHours { open }) = command else { return None };
        Some(open.values().next().unwrap().contains(&Channel::Voice))
    }

    #[test]
    fn told_once_and_again_when_it_changes() {
        let plan = holdfast_plan::parse(PLAN, "plan.toml").unwrap().into_plan(1);
        let mut hours = OpeningHours::default();
        assert_eq!(is_open(hours.due(None, at(7))), None);
        assert_eq!(is_open(hours.due(Some(&plan), at(7))), Some(false));
        assert_eq!(is_open(hours.due(Some(&plan), at(7) + 1)), None);
        assert_eq!(is_open(hours.due(Some(&plan), at(8) - 1)), None);
        assert_eq!(is_open(hours.due(Some(&plan), at(8))), Some(true));
        assert_eq!(is_open(hours.due(Some(&plan), at(21))), None);
        // The machine slept over a whole day.
        assert_eq!(is_open(hours.due(Some(&plan), at(47))), Some(false));
    }

    #[test]
    fn a_clock_that_is_set_back_and_a_new_plan_are_looked_at_anew() {
        let plan = holdfast_plan::parse(PLAN, "plan.toml").unwrap().into_plan(1);
        let mut hours = OpeningHours::default();
        assert_eq!(is_open(hours.due(Some(&plan), at(9))), Some(true));
        assert_eq!(is_open(hours.due(Some(&plan), at(5))), Some(false));
        let next = Plan { version: 2, ..plan };
        assert_eq!(is_open(hours.due(Some(&next), at(6))), Some(false));
        let without = Plan { version: 3, hours: [].into(), ..next };
        assert_eq!(is_open(hours.due(Some(&without), at(9))), None);
    }
}
