// The day so far, counted on the server, which alone knows when a day begins.
import { span } from "../words/spans.ts";
import { number, t } from "../words/words.ts";
import { today } from "./store.ts";

const orDash = (ms: number | null) => (ms === null ? "–" : span(ms));

export function Today() {
  const it = today.value;
  if (!it) return null;
  const { wait_ms: wait, handoffs } = it;
  const facts: [string, string][] = [
    [t("today.arrived"), number(it.arrived)], [t("today.answered"), number(it.answered)], [t("today.left"), number(it.left)],
    [t("today.mean"), orDash(wait.mean)], [t("today.p50"), orDash(wait.p50)], [t("today.p90"), orDash(wait.p90)], [t("today.p99"), orDash(wait.p99)],
    [t("today.handoffs"), t("today.handoffs_value", { completed: handoffs.completed, started: handoffs.started })],
    [t("today.handoffs_back"), number(handoffs.returned + handoffs.cancelled)],
  ];
  return (
    <section class="card today" aria-labelledby="today">
      <div class="card-head"><h2 id="today" tabIndex={-1}>{t("today.title")}</h2><span class="note">{t("today.zone", { zone: it.zone })}</span></div>
      <dl class="today-facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
    </section>
  );
}
