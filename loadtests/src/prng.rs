//! A small seeded generator (xoshiro256**, seeded by splitmix64): the same seed gives the same run on every machine.
//!
//! Not for secrets. `keyed` gives every fault decision a stream of its own, so that what happens to one callback does not
//! depend on who else drew first.

/// A deterministic stream of numbers.
#[derive(Clone, Debug)]
pub struct Prng {
    state: [u64; 4],
}

fn splitmix(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *seed;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

impl Prng {
    /// The stream of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut seed = seed;
        Self { state: [splitmix(&mut seed), splitmix(&mut seed), splitmix(&mut seed), splitmix(&mut seed)] }
    }

    /// The stream of `seed` for one subject, named by its parts; other subjects' draws do not touch it.
    #[must_use]
    pub fn keyed(seed: u64, parts: &[&str]) -> Self {
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        for part in parts {
            // 0xFF never occurs in UTF-8, so ["ab", "c"] and ["a", "bc"] differ.
            for byte in part.bytes().chain([0xFF]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
            }
        }
        let mut start = seed;
        Self::new(splitmix(&mut start) ^ hash)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        let result = self.state[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = self.state[1] << 17;
        self.state[2] ^= self.state[0];
        self.state[3] ^= self.state[1];
        self.state[1] ^= self.state[2];
        self.state[0] ^= self.state[3];
        self.state[2] ^= shifted;
        self.state[3] = self.state[3].rotate_left(45);
        result
    }

    /// A number in 0.0..1.0.
    pub fn unit(&mut self) -> f64 {
        let top = u32::try_from(self.next_u64() >> 32).unwrap_or(u32::MAX);
        f64::from(top) / 4_294_967_296.0
    }

    /// True with probability `chance` (0.0 never, 1.0 always).
    pub fn happens(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    /// A number in `low..=high`; `low` if the range is empty.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        let width = high.saturating_sub(low).saturating_add(1);
        low.saturating_add(self.next_u64() % width)
    }

    /// An exponentially distributed number with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// One of the weighted choices; none if there is none with a weight above 0.
    pub fn choose<'a, T>(&mut self, choices: &'a [(T, u32)]) -> Option<&'a T> {
        let total: u64 = choices.iter().map(|(_, weight)| u64::from(*weight)).sum();
        if total == 0 {
            return None;
        }
        let mut left = self.between(0, total - 1);
        for (choice, weight) in choices {
            if left < u64::from(*weight) {
                return Some(choice);
            }
            left -= u64::from(*weight);
        }
        None
    }

    /// An identifier in the carrier's form: two letters and 32 hex digits.
    pub(crate) fn sid(&mut self, prefix: &str) -> String {
        format!("{prefix}{:016x}{:016x}", self.next_u64(), self.next_u64())
    }
}

#[cfg(test)]
mod tests {
    use super::Prng;

    #[test]
    fn the_same_seed_gives_the_same_stream_and_keys_separate_streams() {
        let draw = |mut prng: Prng| (0..8).map(|_| prng.next_u64()).collect::<Vec<_>>();
        assert_eq!(draw(Prng::new(7)), draw(Prng::new(7)));
        assert_ne!(draw(Prng::new(7)), draw(Prng::new(8)));
        assert_eq!(draw(Prng::keyed(7, &["a", "b"])), draw(Prng::keyed(7, &["a", "b"])));
        assert_ne!(draw(Prng::keyed(7, &["ab"])), draw(Prng::keyed(7, &["a", "b"])));
    }

    #[test]
    fn the_mean_of_an_exponential_is_about_right() {
        let mut prng = Prng::new(1);
        let sum: f64 = (0..20_000).map(|_| prng.exponential(10.0)).sum();
        assert!((sum / 20_000.0 - 10.0).abs() < 0.5);
    }

    #[test]
    fn weights_are_respected_and_an_empty_choice_is_none() {
        let mut prng = Prng::new(1);
        let sevens = (0..1_000).filter(|_| prng.choose(&[(7, 3), (8, 1)]) == Some(&7)).count();
        assert!((650..850).contains(&sevens));
        assert_eq!(prng.choose::<u8>(&[(1, 0)]), None);
        assert!((0..100).all(|_| (3..=5).contains(&prng.between(3, 5))));
    }
}
