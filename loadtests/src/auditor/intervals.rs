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
    use super::{Span, overlapping};

    #[test]
    fn only_true_overlaps_are_found() {
        let spans = [Span::new(10, 20), Span::new(0, 10), Span::new(15, 30), Span::new(19, 21)];
        let found: Vec<_> = overlapping(&spans, 0).into_iter().map(|(a, b, span)| (a, b, span.length_ms())).collect();
        assert_eq!(found, vec![(0, 2, 5), (0, 3, 1), (2, 3, 2)]);
        assert_eq!(overlapping(&spans, 2).len(), 1);
    }
}
