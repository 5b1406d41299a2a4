// The plan's names, as both mocks tell them.
import type { Names } from "../../app/wire.ts";

export const NAMES: Names = {
  regions: { west: "West", south: "South", northeast: "Northeast", mountain: "Mountain", plains: "Plains", islands: "Islands" },
  needs: { general: "General", spanish: "Spanish", youth: "Youth", veteran: "Veterans", grief: "Grief" },
  centers: { harbor: "Harbor Center", aspen: "Aspen Line", prairie: "Prairie Hope", gulf: "Gulf Coast Crisis Line", summit: "Summit Support", cedar: "Cedar House", lantern: "Lantern", backup: "National Backup" },
};
