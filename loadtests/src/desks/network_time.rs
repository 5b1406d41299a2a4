//! Deadlines come in the router's network time; ledgers are written on the run's clock.

/// How the router's network time stands to the run's clock: the least delay heard in an epoch, since a word only comes late.
#[derive(Debug, Default)]
pub(super) struct NetworkTime {
    epoch: u64,
    ahead_ms: Option<i64>,
}

impl NetworkTime {
    pub(super) fn heard(&mut self, epoch: Option<u64>, network_ms: u64, now_ms: u64) {
        if network_ms == 0 {
            return;
        }
        if let Some(epoch) = epoch.filter(|epoch| *epoch > self.epoch) {
            self.epoch = epoch;
            self.ahead_ms = None;
        }
        let ahead_ms = now_ms.cast_signed().saturating_sub(network_ms.cast_signed());
        self.ahead_ms = Some(self.ahead_ms.map_or(ahead_ms, |least_ms| least_ms.min(ahead_ms)));
    }

    pub(super) fn on_the_run_clock(&self, network_ms: u64) -> u64 {
        let run_ms = network_ms.cast_signed().saturating_add(self.ahead_ms.unwrap_or(0));
        u64::try_from(run_ms).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::NetworkTime;

    #[test]
    fn the_promptest_word_of_an_epoch_sets_the_clock() {
        let mut time = NetworkTime::default();
        time.heard(Some(1), 0, 5);
        assert_eq!(time.on_the_run_clock(7), 7);
        time.heard(Some(1), 1_000, 300);
        time.heard(Some(1), 1_100, 350);
        time.heard(Some(1), 1_200, 900);
        assert_eq!(time.on_the_run_clock(2_000), 1_250);
        time.heard(Some(2), 500, 1_000);
        assert_eq!(time.on_the_run_clock(600), 1_100);
    }
}
