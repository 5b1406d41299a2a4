//! The names people see: the core works with ids alone, screens and reports look here.
//!
//! Deliberately absent: translations.

use crate::document::{Network, Sections};
use holdfast_core::id::{CenterId, CounselorId, NeedId, RegionId};
use std::collections::BTreeMap;

/// What to call everything in a plan. Whatever has no name of its own is called by its id.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// The network.
    pub network: String,
    /// Its regions.
    pub regions: BTreeMap<RegionId, String>,
    /// Its needs.
    pub needs: BTreeMap<NeedId, String>,
    /// Its centers.
    pub centers: BTreeMap<CenterId, String>,
    /// Its counselors.
    pub counselors: BTreeMap<CounselorId, String>,
}

impl Names {
    pub(crate) fn of(network: &Network, sections: &Sections) -> Self {
        let regions = sections.regions.iter();
        let needs = sections.needs.iter();
        let centers = sections.centers.iter();
        let counselors = sections.counselors.iter();
        Self {
            network: network.name.clone(),
            regions: regions
                .map(|region| (RegionId::from(region.id.get_ref().as_str()), region.name.clone()))
                .collect(),
            needs: needs.map(|need| (NeedId::from(need.id.get_ref().as_str()), need.name.clone())).collect(),
            centers: centers
                .map(|center| (CenterId::from(center.id.get_ref().as_str()), center.name.clone()))
                .collect(),
            counselors: counselors
                .map(|one| (CounselorId::from(one.id.get_ref().as_str()), one.name.clone()))
                .collect(),
        }
    }
}
