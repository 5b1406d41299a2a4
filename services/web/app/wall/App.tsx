// The board on a wall: six cells that can be read across a room, the queues that need somebody most, the clock and how old it all is.
// Nothing to press and no names. Keeps the screen awake, and loads itself anew only when the build changed and nobody is being waited for.
import { computed, effect, useComputed } from "@preact/signals";
import { boot } from "../boot.ts";
import { SharePart } from "../board/Tiles.tsx";
import { boardNow, queueName } from "../board/reading.ts";
import { build, centers, changed, decisions, demo, network, order, rows, tiles } from "../board/store.ts";
import { Banner, Chip } from "../shell/parts.tsx";
import { Banners } from "../shell/Banners.tsx";
import { FreshnessChip } from "../shell/Freshness.tsx";
import { freshness, localNow } from "../line/clock.ts";
import { span, timeOfDay } from "../words/spans.ts";
import { number, percent, t } from "../words/words.ts";
import type { QueueRow, Severity } from "../wire.ts";

const QUEUES_SHOWN = 5;

const STAYED_MIN_MS = 60_000;
let leaving = false;

/** A page of an old build is replaced at a calm moment: nothing to act on, data live, not all walls at once, and never in a circle. */
effect(() => {
  if (leaving || localNow.value < STAYED_MIN_MS || !boot.build || build.value === boot.build || freshness.value !== "live") return;
  const it = tiles.value;
  const calm = it && it.waiting.severity !== "act" && it.longest_wait.severity !== "act";
  if (!calm) return;
  leaving = true;
  setTimeout(() => location.reload(), 1_000 + Math.random() * 20_000);
});

const urgent = computed<QueueRow[]>(() => {
  changed.value;
  return order.value.flatMap((key) => rows.get(key)?.peek() ?? []).filter((it) => it.severity !== "ok" || it.waiting > 0).slice(0, QUEUES_SHOWN);
});

const clock = computed(() => timeOfDay(Date.now() + 0 * localNow.value));

interface CellProps { name: string; severity: Severity; value: preact.ComponentChildren; beside?: preact.ComponentChildren }

function Cell({ name, severity, value, beside }: CellProps) {
  return (
    <div class={`cell ${severity}`}>
      <dt>{name}</dt><dd class={`figure${typeof value === "string" && value.length > 7 ? " long" : ""}`}>{value}</dd><dd class="beside"><Chip severity={severity}>{beside}</Chip></dd>
    </div>
  );
}

function Cells() {
  const it = tiles.value;
  const longest = useComputed(() => {
    const since = tiles.value?.longest_wait.since_ms ?? 0;
    return since ? span(boardNow.value - since) : "0:00";
  });
  if (!it) return <p class="empty" role="status">{t("board.loading")}</p>;
  return (
    <dl class="cells" aria-label={t("tiles.label")}>
      <Cell name={t("tile.waiting")} severity={it.waiting.severity} value={number(it.waiting.value)} />
      <Cell name={t("tile.longest")} severity={it.longest_wait.severity} value={<span role="timer" aria-live="off">{longest}</span>} beside={t("tile.target", { target: span(it.longest_wait.target_ms) })} />
      <Cell name={t("tile.answered_short", { s: it.answered.within_s })} severity={it.answered.severity} value={<SharePart of={it.answered.sl} />} beside={t("tile.target", { target: percent(it.answered.target_percent, 100) })} />
      <Cell name={t("tile.left_short")} severity={it.left.severity} value={<SharePart of={it.left.share} />} />
      <Cell name={t("tile.counselors")} severity={it.counselors.severity} value={t("tile.of_slash", { a: it.counselors.free, b: it.counselors.on_contact })} />
      <Cell name={t("tile.centers")} severity={it.centers.severity} value={t("tile.of", { a: it.centers.taking, b: it.centers.all })} />
    </dl>
  );
}

function Urgent() {
  const all = urgent.value;
  const open = decisions.value.filter((it) => !it.acknowledged_by).length;
  boardNow.value;
  return (
    <section class="urgent" aria-labelledby="urgent">
      <h2 id="urgent">{t("wall.urgent")}</h2>
      {all.length === 0 ? <p class="empty">{t("wall.quiet")}</p> : (
        <ol class="plain">
          {all.map((it) => (
            <li key={it.key} class={it.severity}><Chip severity={it.severity} /><strong>{queueName(it.queue)}</strong>
              <span>{t("wall.row", { n: it.waiting })}</span><span class="wait">{it.longest_since_ms ? span(boardNow.value - it.longest_since_ms) : "–"}</span></li>
          ))}
        </ol>
      )}
      <p class="wall-foot"><span>{t("wall.decisions", { n: open })}</span><span>{t("wall.silent", { n: centers.value.filter((it) => it.state === "silent").length })}</span></p>
    </section>
  );
}

export function App() {
  return (
    <>
      <header class="wall-top">
        <h1>{network.value || "Holdfast"}</h1>
        {(demo.value || boot.demo) && <span class="demo-mark">{t("demo.caption")}</span>}
        <span class="grow" />
        <FreshnessChip />
        <time class="clock">{clock}</time>
      </header>
      <Banner><Banners face="board" /></Banner>
      <main class={`wall-main ${freshness.value}`} id="main"><Cells /><Urgent /></main>
    </>
  );
}
