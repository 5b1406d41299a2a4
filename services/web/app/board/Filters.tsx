// Region, need and channel. They live in the address, and say when they hide something that calls for a decision.
import { useComputed } from "@preact/signals";
import { t } from "../words/words.ts";
import type { Signal } from "@preact/signals";
import { allRows, askAllRows, changed, names, order, queuesTotal, rows } from "./store.ts";
import { channel, filtered, fits, need, region, ROWS_SHOWN } from "./view.ts";

interface PickProps { id: string; label: string; all: string; value: Signal<string>; choices: [string, string][] }

function Pick({ id, label, all, value, choices }: PickProps) {
  return (
    <label class="filter">
      <span class="sr">{label}</span>
      <select id={id} value={value.value} onChange={(event) => {
        value.value = event.currentTarget.value;
        if (queuesTotal.value > ROWS_SHOWN && !allRows.value && event.currentTarget.value) askAllRows(true);
      }}>
        <option value="">{all}</option>
        {choices.map(([key, name]) => <option key={key} value={key}>{name}</option>)}
      </select>
    </label>
  );
}

const sorted = (it: Record<string, string>) => Object.entries(it).sort((a, b) => a[1].localeCompare(b[1]));

export function Filters() {
  const hidden = useComputed(() => {
    changed.value;
    if (!filtered.value) return 0;
    return order.value.filter((key) => {
      const row = rows.get(key)?.peek();
      return row && row.severity !== "ok" && !fits(row);
    }).length;
  });
  return (
    <div class="filters" role="group" aria-label={t("filters.label")}>
      <Pick id="filter-region" label={t("filters.region")} all={t("filters.regions")} value={region} choices={sorted(names.value.regions)} />
      <Pick id="filter-need" label={t("filters.need")} all={t("filters.needs")} value={need} choices={sorted(names.value.needs)} />
      <Pick id="filter-channel" label={t("filters.channel")} all={t("filters.channels")} value={channel}
        choices={(["voice", "text", "chat"] as const).map((it) => [it, t(`channel.${it}`)])} />
      {hidden.value > 0 && <span class="chip watch"><span class="mark" aria-hidden="true">▲</span>{t("filters.hidden", { n: hidden.value })}</span>}
    </div>
  );
}
