//! Spans of time and what they have in common.

/// From, inclusive, to, exclusive, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) from_ms: u64,
    pub(crate) until_ms: u64,
}

impl Span {
    pub(crate) const fn new(from_ms: u64, until_ms: u64) -> Self {
        Self { from_ms, until_ms }
    }

    /// The common time, if there is any.
    pub(crate) fn common(self, other: Self) -> Option<Self> {
        let both = Self::new(self.from_ms.max(other.from_ms), self.until_ms.min(other.until_ms));
        (both.from_ms < both.until_ms).then_some(both)
    }

    pub(crate) const fn length_ms(self) -> u64 {
        self.until_ms.saturating_sub(self.from_ms)
    }
}

/// What is left of the spans outside of the others. Comes in order.
pub(crate) fn without(spans: &[Span], others: &[Span]) -> Vec<Span> {
    let mut left = spans.to_vec();
    let mut others = others.to_vec();
    others.sort_unstable();
    for other in others {
        left = left
            .into_iter()
            .flat_map(|span| {
                let before = Span::new(span.from_ms, span.until_ms.min(other.from_ms));
                let after = Span::new(span.from_ms.max(other.until_ms), span.until_ms);
                [before, after]
            })
            .filter(|span| span.from_ms < span.until_ms)
            .collect();
    }
    left.sort_unstable();
    left
}

/// The most items of different owners that overlap for more than `slack_ms`: pairs of indexes, later start second.
///
/// Items come in any order. Quadratic only in what really overlaps.
pub(crate) fn overlapping(spans: &[Span], slack_ms: u64) -> Vec<(usize, usize, Span)> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|index| spans.get(*index).copied());
    let mut open: Vec<usize> = Vec::new();
    let mut pairs = Vec::new();
    for index in order {
        let Some(span) = spans.get(index).copied() else { continue };
        open.retain(|other| spans.get(*other).is_some_and(|other| other.until_ms > span.from_ms));
        for other in &open {
            if let Some(both) = spans.get(*other).and_then(|other| other.common(span))
                && both.length_ms() > slack_ms
            {
                pairs.push((*other, index, both));
            }
        }
        open.push(index);
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::{Span, overlapping, without};

    #[test]
    fn what_is_left_is_outside_of_all_others() {
        let left =
            without(&[Span::new(0, 10), Span::new(20, 30)], &[Span::new(25, 40), Span::new(2, 3), Span::new(3, 5)]);
        assert_eq!(left, vec![Span::new(0, 2), Span::new(5, 10), Span::new(20, 25)]);
        assert!(without(&[Span::new(0, 10)], &[Span::new(0, 10)]).is_empty());
    }

    #[test]
    fn only_true_overlaps_are_found() {
        let spans = [Span::new(10, 20), Span::new(0, 10), Span::new(15, 30), Span::new(19, 21)];
        let found: Vec<_> = overlapping(&spans, 0).into_iter().map(|(a, b, span)| (a, b, span.length_ms())).collect();
        assert_eq!(found, vec![(0, 2, 5), (0, 3, 1), (2, 3, 2)]);
        assert_eq!(overlapping(&spans, 2).len(), 1);
    }
}
