// How old what is on the screen is, always there: Live, Late, Lost. Never blank, never wiped: numbers that are old are dimmed and
// hatched and say as of when they were true.
import { computed } from "@preact/signals";
import { age, asOf, frameMs, freshness, localNow } from "../line/clock.ts";
import { connected, retryAt } from "../line/line.ts";
import { timeOfDay } from "../words/spans.ts";
import { number, t } from "../words/words.ts";

const seconds = computed(() => (Number.isFinite(age.value) ? age.value / 1000 : 0));

/** "trying again in 4 s", or that it is being tried. */
export const trying = computed(() => {
  const left = Math.ceil((retryAt.value - localNow.value) / 1000);
  return connected.value ? t("fresh.no_data") : left > 0 ? t("fresh.again_in", { s: left }) : t("fresh.again");
});

const words = computed(() => {
  switch (freshness.value) {
    case "starting":
      return t("fresh.starting");
    case "live":
      // The line is live and hears every second; the figures on it come seldom while people come first.
      if (frameMs.value > 1_000) return t("fresh.seldom", { s: Math.round(frameMs.value / 1_000) });
      return t("fresh.live", { s: number(seconds.value, { minimumFractionDigits: 1, maximumFractionDigits: 1 }) });
    case "late":
      return t("fresh.late", { s: Math.floor(seconds.value) });
    case "lost":
      return asOf.value ? t("fresh.lost", { at: timeOfDay(asOf.value, true) }) : t("fresh.never");
  }
});

export function FreshnessChip() {
  return (
    <span class={`fresh ${freshness.value}`} data-freshness={freshness.value} role="timer" aria-live="off" aria-label={t("fresh.label")}>
      <span class="dot" aria-hidden="true" />
      <span>{words}</span>
    </span>
  );
}
