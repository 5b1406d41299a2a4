// The queues, most urgent first: a real table whose rows are kept while it changes, so that focus and scroll survive every update.
import { useComputed, type Signal } from "@preact/signals";
import { memo } from "../shell/memo.ts";
import { Chip, Kbd, Nothing } from "../shell/parts.tsx";
import { span } from "../words/spans.ts";
import { number, percent, t } from "../words/words.ts";
import type { QueueRow, Share } from "../wire.ts";
import { boardNow, queueName } from "./reading.ts";
import { allRows, askAllRows, changed, queuesTotal, rowOf, rows, tiles } from "./store.ts";
import { Filters } from "./Filters.tsx";
import { openRow } from "./RowPanel.tsx";
import { applyOrder, filtered, focusInside, holding, moved, pointerInside, ROWS_SHOWN, selected, shown, sort, type Sort } from "./view.ts";

type Of<T> = (it: QueueRow) => T;

/** A figure of a row. It follows its row by itself, so that an update writes the figures that changed and renders nothing. */
function Figure({ cell, of }: { cell: Signal<QueueRow>; of: Of<number> }) {
  return <>{useComputed(() => number(of(cell.value)))}</>;
}

function ShareFigure({ cell, of }: { cell: Signal<QueueRow>; of: Of<Share> }) {
  const none = useComputed(() => of(cell.value).whole === 0);
  const text = useComputed(() => percent(of(cell.value).part, of(cell.value).whole));
  return none.value ? <Nothing /> : <>{text}</>;
}

const waiting: Of<number> = (it) => it.waiting;
const free: Of<number> = (it) => it.free;
const onContact: Of<number> = (it) => it.on_contact;
const serviceLevel: Of<Share> = (it) => it.sl;
const finished: Of<Share> = (it) => it.sl_finished;
const left: Of<Share> = (it) => it.left;

const Row = memo(function Row({ cell }: { cell: Signal<QueueRow> }) {
  const { key, queue } = cell.peek();
  const severity = useComputed(() => cell.value.severity).value;
  const wait = useComputed(() => (cell.value.longest_since_ms ? span(boardNow.value - cell.value.longest_since_ms) : "–"));
  const looks = useComputed(() => {
    changed.value;
    return `${cell.value.severity}${selected.value === key ? " chosen" : ""}${rows.has(key) ? "" : " gone"}`;
  });
  return (
    <tr class={looks} data-key={key}>
      <th scope="row">
        <button type="button" class="row-name" aria-haspopup="dialog" onClick={() => openRow(key)}
          onFocus={() => (selected.value = key)}>{queueName(queue)}</button>
      </th>
      <td class="state"><Chip severity={severity} /></td>
      <td><Figure cell={cell} of={waiting} /></td>
      <td class="wait">{wait}</td>
      <td><ShareFigure cell={cell} of={serviceLevel} /></td>
      <td class="wide-only"><ShareFigure cell={cell} of={finished} /></td>
      <td><ShareFigure cell={cell} of={left} /></td>
      <td><Figure cell={cell} of={free} /></td>
      <td><Figure cell={cell} of={onContact} /></td>
    </tr>
  );
});

function Head({ by, children, wide, why }: { by: Sort; children: string; wide?: boolean; why?: string }) {
  const on = sort.value === by;
  const direction = by === "name" || by === "sl" || by === "free" || by === "longest" ? "ascending" : "descending";
  return (
    <th scope="col" aria-sort={on ? direction : "none"} class={wide ? "wide-only" : undefined}>
      <button type="button" class="head" title={why} onClick={() => (sort.value = on ? "urgency" : by)}>
        {children}<span aria-hidden="true" class="arrow">{on ? (direction === "ascending" ? "▲" : "▼") : ""}</span>
      </button>
    </th>
  );
}

export function OrderChanged() {
  const n = moved.value;
  // The place is kept, so that nothing jumps when it appears.
  return (
    <span class="order-changed">
      {n > 0 && holding.value && (
        <button type="button" class="small" onClick={applyOrder}>{t("order.changed", { n })} <Kbd of="order" /></button>
      )}
    </span>
  );
}

export function Queues() {
  const keys = shown.value;
  const s = tiles.value?.answered.within_s ?? 0;
  const all = queuesTotal.value;
  return (
    <section class="card queues" aria-labelledby="queues">
      <div class="card-head">
        <h2 id="queues" tabIndex={-1}>{t("queues.title")}</h2>
        <OrderChanged />
        <Filters />
      </div>
      <div class="scroll" onPointerEnter={() => (pointerInside.value = true)} onPointerLeave={() => (pointerInside.value = false)}
        onFocusIn={() => (focusInside.value = true)} onFocusOut={() => (focusInside.value = false)}>
        <table>
          <caption class="sr">{t("queues.caption")}</caption>
          <thead>
            <tr>
              <Head by="name">{t("col.queue")}</Head>
              <Head by="urgency">{t("col.state")}</Head>
              <Head by="waiting">{t("col.waiting")}</Head>
              <Head by="longest">{t("col.longest")}</Head>
              <Head by="sl">{t("col.sl", { s })}</Head>
              <th scope="col" class="wide-only"><abbr title={t("tile.finished_why")}>{t("col.finished")}</abbr></th>
              <Head by="left">{t("col.left")}</Head>
              <Head by="free" why={t("col.free_why")}>{t("col.free")}</Head>
              <Head by="on_contact">{t("col.on_contact")}</Head>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => {
              const cell = rowOf(key);
              return cell ? <Row key={key} cell={cell} /> : null;
            })}
          </tbody>
        </table>
      </div>
      {keys.length === 0 && <p class="empty">{filtered.value ? t("queues.none_fit") : t("queues.none")}</p>}
      <p class="foot">
        <span>{t("queues.note")}</span>
        {all > ROWS_SHOWN && (
          <button type="button" class="small" onClick={() => askAllRows(!allRows.value)}>
            {allRows.value ? t("queues.top", { n: ROWS_SHOWN }) : t("queues.all", { n: all })}
          </button>
        )}
      </p>
    </section>
  );
}
