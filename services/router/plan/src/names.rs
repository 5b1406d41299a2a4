//! The names people see: the core decides by ids alone, screens look here.
//!
//! Deliberately absent: translations.

use crate::document::Sections;
use crate::read::Text;
use holdfast_core::plan::Names;
use std::collections::BTreeMap;

/// What people call the parts of the plan. Whatever has no name of its own is called by its id.
pub(crate) fn names_of(sections: &Sections) -> Names {
    Names {
        regions: named(sections.regions.iter().map(|it| (&it.id, &it.name))),
        needs: named(sections.needs.iter().map(|it| (&it.id, &it.name))),
        centers: named(sections.centers.iter().map(|it| (&it.id, &it.name))),
        members: named(sections.members().map(|it| (&it.id, &it.name))),
    }
}

fn named<'d, Id: Ord + for<'t> From<&'t str>>(
    entries: impl Iterator<Item = (&'d Text, &'d String)>,
) -> BTreeMap<Id, String> {
    entries.map(|(id, name)| (Id::from(id.get_ref().as_str()), name.clone())).collect()
}
