//! Screen names of the plan's ids. The plan is the router's; whoever has it at hand puts the names here for people to read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::wire::NamesView;

/// The names that windows show. Clones are one. An id without a name is shown as it is.
#[derive(Clone, Default)]
#[expect(missing_debug_implementations, reason = "a list of names, of use to a screen only")]
pub struct Names {
    inner: Arc<Mutex<Arc<NamesView>>>,
}

impl Names {
    /// Puts these names in place of the last ones: of regions, needs and centers, by their ids in the plan.
    pub fn set(
        &self,
        regions: BTreeMap<String, String>,
        needs: BTreeMap<String, String>,
        centers: BTreeMap<String, String>,
    ) {
        let fresh = Arc::new(NamesView { regions, needs, centers });
        *self.inner.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
    }

    pub(crate) fn view(&self) -> Arc<NamesView> {
        Arc::clone(&self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
