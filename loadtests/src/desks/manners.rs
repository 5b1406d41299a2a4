//! How simulated counselors and peers write, and how they hand people over.
//!
//! As with `habits`: pairs are (least, most), milliseconds of human time; percentages are 0 to 100.

/// How counselors and peers hold conversations in writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextHabits {
    /// From the accept until the first words are sent.
    pub first_reply_ms: (u64, u64),
    /// From the person's message until the answer is sent.
    pub reply_ms: (u64, u64),
    /// How many messages somebody writes before they bring the conversation to its end.
    pub replies: (u64, u64),
    /// From the last of them until they close it.
    pub closes_after_ms: (u64, u64),
    /// How long they wait for a person who does not answer before they close it.
    pub patience_ms: (u64, u64),
}

impl TextHabits {
    /// Habits that suit a demo.
    pub const USUAL: Self = Self {
        first_reply_ms: (2_000, 8_000),
        reply_ms: (3_000, 15_000),
        replies: (3, 6),
        closes_after_ms: (5_000, 20_000),
        patience_ms: (90_000, 180_000),
    };
}

impl Default for TextHabits {
    fn default() -> Self {
        Self::USUAL
    }
}

/// How counselors and peers hand people over, and take over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandoffHabits {
    /// Of a hundred people somebody talks with, how many they offer a peer.
    pub starts_percent: u32,
    /// Of a hundred people a peer has taken over, how many they ask a counselor back for.
    pub back_percent: u32,
    /// From the first words until it is brought up.
    pub starts_after_ms: (u64, u64),
    /// How long the person thinks about it.
    pub consent_ms: (u64, u64),
    /// How many of a hundred people agree.
    pub consent_percent: u32,
    /// How many of a hundred are called off by whoever began, and how long after they began.
    pub cancels_percent: u32,
    /// See `cancels_percent`.
    pub cancels_after_ms: (u64, u64),
    /// How long the note is read.
    pub reads_ms: (u64, u64),
    /// How long the three are together before the one who joined confirms.
    pub together_ms: (u64, u64),
    /// How long the one who handed over stays after that.
    pub leaves_after_ms: (u64, u64),
    /// Of a hundred steps that somebody reserved is about to take (join, confirm), how many they withdraw at instead.
    pub withdraws_percent: u32,
    /// Before how many of a hundred such steps their desk loses its line.
    pub loses_desk_percent: u32,
    /// How long it is away then.
    pub away_ms: (u64, u64),
}

impl HandoffHabits {
    /// Nobody begins a handoff; whoever is asked takes over.
    pub const WILLING: Self = Self {
        starts_percent: 0,
        back_percent: 0,
        starts_after_ms: (5_000, 20_000),
        consent_ms: (3_000, 10_000),
        consent_percent: 100,
        cancels_percent: 0,
        cancels_after_ms: (1_000, 30_000),
        reads_ms: (5_000, 15_000),
        together_ms: (10_000, 30_000),
        leaves_after_ms: (2_000, 8_000),
        withdraws_percent: 0,
        loses_desk_percent: 0,
        away_ms: (20_000, 60_000),
    };

    /// Handoffs are common, and everything happens to them. Suits a demo.
    pub const LIVELY: Self = Self {
        starts_percent: 25,
        back_percent: 15,
        consent_percent: 85,
        cancels_percent: 8,
        withdraws_percent: 3,
        loses_desk_percent: 2,
        ..Self::WILLING
    };
}

impl Default for HandoffHabits {
    fn default() -> Self {
        Self::WILLING
    }
}
