//! When a run was back to its baseline: from which second after the load all webhooks together are answered as they were before.

use super::meter::{Counted, Second, Timed, percentile};

/// A stretch shorter than this says nothing of a baseline, seconds.
const LEAST_S: usize = 10;

/// After how many of these seconds: the first from which to the end the 99th of 100 webhooks is within `most_us`, and none is without a good
/// answer. Whole stretches are compared, since the slowest of a busy second is slower than that of a quiet one by being one of more.
pub(super) fn back_after(seconds: &[Second], most_us: f64) -> Option<usize> {
    let unanswered = |it: &Second| it.counts[Counted::Unanswered as usize] > 0;
    let first = seconds.iter().rposition(unanswered).map_or(0, |at| at + 1);
    (first..seconds.len().saturating_sub(LEAST_S - 1)).find(|from| {
        let rest = seconds.iter().skip(*from);
        let mut times: Vec<u32> = rest.flat_map(|it| it.times_us[Timed::Ack as usize].iter().copied()).collect();
        percentile(&mut times, 0.99).is_some_and(|p99_us| f64::from(p99_us) <= most_us)
    })
}

#[cfg(test)]
mod tests {
    use super::super::meter::{Counted, Second, Timed};
    use super::back_after;

    /// A second with so many prompt webhooks, and so many slow ones.
    fn second(prompt: usize, slow: usize) -> Second {
        let mut second = Second::default();
        second.times_us[Timed::Ack as usize].extend(std::iter::repeat_n(1_000, prompt));
        second.times_us[Timed::Ack as usize].extend(std::iter::repeat_n(90_000, slow));
        second
    }

    #[test]
    fn back_is_from_where_one_in_a_hundred_is_slow_at_most() {
        let mut seconds = vec![second(20, 20); 3];
        // A hiccup now and then is in every baseline.
        seconds.extend((0..20).map(|at| second(40, usize::from(at == 7))));
        assert_eq!(back_after(&seconds, 10_000.0), Some(3));
        assert_eq!(back_after(&seconds, 500.0), None);
    }

    #[test]
    fn a_server_that_answers_nobody_is_not_back() {
        let mut silent = Second::default();
        silent.counts[Counted::Unanswered as usize] = 20;
        assert_eq!(back_after(&vec![silent.clone(); 30], 10_000.0), None);
        let mut seconds = vec![second(9, 0); 30];
        seconds[12] = silent;
        assert_eq!(back_after(&seconds, 10_000.0), Some(13), "and one without its answer is no return");
        assert_eq!(
            back_after(&vec![Second::default(); 30], 10_000.0),
            None,
            "where nothing was asked nothing is known"
        );
        assert_eq!(back_after(&vec![second(9, 0); 5], 10_000.0), None, "five seconds say nothing");
    }
}
