// Six figures, each with its target or what it is made of, and one line for peers: is anyone waiting who should not be?
import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Chip, Nothing } from "../shell/parts.tsx";
import { span } from "../words/spans.ts";
import { number, percent, t } from "../words/words.ts";
import type { Severity, Share } from "../wire.ts";
import { boardNow } from "./reading.ts";
import { tiles } from "./store.ts";

interface TileProps { name: string; severity: Severity; value: ComponentChildren; beside: ComponentChildren; more?: ComponentChildren }

function Tile({ name, severity, value, beside, more }: TileProps) {
  return (
    <div class={`tile ${severity}`}>
      <dt>{name}</dt>
      <dd class="figure">{value}</dd>
      <dd class="beside"><Chip severity={severity}>{beside}</Chip></dd>
      <dd class="more">{more}</dd>
    </div>
  );
}

export const SharePart = ({ of }: { of: Share }) => (of.whole ? <>{percent(of.part, of.whole)}</> : <Nothing />);

export function Tiles() {
  const it = tiles.value;
  const longest = useComputed(() => {
    const since = tiles.value?.longest_wait.since_ms ?? 0;
    return since ? span(boardNow.value - since) : "0:00";
  });
  if (!it) return <div class="tiles" aria-hidden="true">{Array.from({ length: 6 }, (_, at) => <div class="tile skeleton" key={at} />)}</div>;
  const { answered, counselors, centers, left } = it;
  return (
    <>
      <dl class="tiles" aria-label={t("tiles.label")}>
        <Tile name={t("tile.waiting")} severity={it.waiting.severity} value={number(it.waiting.value)} beside={null} />
        <Tile name={t("tile.longest")} severity={it.longest_wait.severity} value={<span role="timer" aria-live="off">{longest}</span>}
          beside={t("tile.target", { target: span(it.longest_wait.target_ms) })} />
        <Tile name={t("tile.answered", { s: answered.within_s })} severity={answered.severity} value={<SharePart of={answered.sl} />}
          beside={t("tile.target", { target: percent(answered.target_percent, 100) })}
          more={<abbr title={t("tile.finished_why")}>{t("tile.finished", { share: percent(answered.sl_finished.part, answered.sl_finished.whole) })}</abbr>} />
        <Tile name={t("tile.left")} severity={left.severity} value={<SharePart of={left.share} />} beside={null}
          more={left.short ? t("tile.short", { n: left.short }) : null} />
        <Tile name={t("tile.counselors")} severity={counselors.severity} value={t("tile.of_slash", { a: counselors.free, b: counselors.on_contact })} beside={null}
          more={t("tile.counselors_more", { wrapping: counselors.wrapping_up, away: counselors.away, unsure: counselors.unsure })} />
        <Tile name={t("tile.centers")} severity={centers.severity} value={t("tile.of", { a: centers.taking, b: centers.all })} beside={null} />
      </dl>
      <p class="peers-line">
        <span>{t("peers.line", { free: it.peers.free, on: it.peers.on_contact })}</span>
        <span>{t("peers.handoffs", { n: it.peers.handoffs })}</span>
      </p>
    </>
  );
}
