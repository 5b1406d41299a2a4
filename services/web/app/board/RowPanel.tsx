// One queue in full: every figure with the counts it is made of, so that nobody has to believe a percentage.
import { signal, useComputed } from "@preact/signals";
import { Chip, Panel } from "../shell/parts.tsx";
import { span } from "../words/spans.ts";
import { number, percent, t } from "../words/words.ts";
import type { Share } from "../wire.ts";
import { boardNow, queueName } from "./reading.ts";
import { rows, tiles } from "./store.ts";

const open = signal("");
export const openRow = (key: string): void => void (open.value = key);

const counts = (it: Share) => (it.whole ? t("row.counts", { share: percent(it.part, it.whole), part: it.part, whole: it.whole }) : t("board.none_in_window"));

export function RowPanel() {
  const cell = rows.get(open.value);
  const wait = useComputed(() => {
    const since = rows.get(open.value)?.value.longest_since_ms ?? 0;
    return since ? span(boardNow.value - since) : "–";
  });
  if (!cell) return null;
  const it = cell.value;
  const s = tiles.value?.answered.within_s ?? 0;
  const lines: [string, unknown][] = [
    [t("col.waiting"), number(it.waiting)], [t("col.longest"), wait], [t("tile.answered", { s }), counts(it.sl)],
    [t("row.finished", { s }), counts(it.sl_finished)], [t("tile.left"), counts(it.left)], [t("row.short"), number(it.left_short)],
    [t("col.free"), number(it.free)], [t("col.on_contact"), number(it.on_contact)],
  ];
  return (
    <Panel title={queueName(it.queue)} close={() => (open.value = "")}>
      <p><Chip severity={it.severity} /></p>
      <dl class="facts">{lines.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value as string}</dd></div>)}</dl>
      <p class="note">{t("row.both")}</p>
    </Panel>
  );
}
