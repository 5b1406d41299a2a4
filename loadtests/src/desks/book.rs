//! One desk's ledger being written. At its bound it takes no more lines and says that it is not whole.

use crate::auditor::{DeskEntry, DeskHappened, DeskLedger};
use crate::clock::RunClock;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most lines of one desk's ledger.
pub const DESK_LINES_MOST: usize = 100_000;

/// The ledger of one desk.
#[derive(Debug)]
pub(super) struct Book {
    clock: RunClock,
    counselor: String,
    most: usize,
    pages: Mutex<Pages>,
}

#[derive(Debug)]
struct Pages {
    ledger: DeskLedger,
    whole: bool,
}

impl Book {
    pub(super) fn new(clock: RunClock, counselor: String, most: usize) -> Self {
        Self { clock, counselor, most, pages: Mutex::new(Pages { ledger: DeskLedger::default(), whole: true }) }
    }

    pub(super) fn write(&self, what: DeskHappened) {
        let mut pages = self.open();
        if pages.ledger.entries.len() < self.most {
            let entry = DeskEntry { at_ms: self.clock.now_ms(), counselor: self.counselor.clone(), what };
            pages.ledger.entries.push(entry);
        } else if std::mem::replace(&mut pages.whole, false) {
            tracing::error!(counselor = self.counselor, lines = self.most, "a desk's ledger is full");
        }
    }

    pub(super) fn copy(&self) -> DeskLedger {
        self.open().ledger.clone()
    }

    pub(super) fn is_whole(&self) -> bool {
        self.open().whole
    }

    fn open(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Book;
    use crate::auditor::DeskHappened;
    use crate::clock::RunClock;

    #[test]
    fn a_full_ledger_takes_no_more_and_says_so() {
        let book = Book::new(RunClock::start(), "ana".to_owned(), 2);
        book.write(DeskHappened::SignedIn);
        book.write(DeskHappened::Available);
        assert!(book.is_whole());
        book.write(DeskHappened::NotAvailable);
        assert!(!book.is_whole());
        assert_eq!(book.copy().entries.len(), 2);
    }
}
