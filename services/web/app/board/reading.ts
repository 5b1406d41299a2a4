// What the board reads aloud and counts: the clock its waits run on, decisions in words, and the summary for a screen reader, which comes
// at most every 30 seconds and only when something became more or less severe.
import { effect, signal } from "@preact/signals";
import { say } from "../announce.ts";
import { freshness, now } from "../line/clock.ts";
import { t, percent, type Key } from "../words/words.ts";
import { span, spanInWords } from "../words/spans.ts";
import type { Decision, QueueKey, QueueRow, Severity, Share, Tiles } from "../wire.ts";
import { decisions, names, order, pausedAt, rows, tiles } from "./store.ts";
import { needName, regionName } from "./view.ts";

/** Stands still when the data is lost or the reader paused: a wait nobody knows of any more must not seem to go on. */
export const boardNow = signal(0);
effect(() => {
  if (!pausedAt.value && freshness.value !== "lost") boardNow.value = now.value;
});

const SUMMARY_MS = 30_000;

export function queueName(queue: QueueKey): string {
  return t("queue.name", { region: regionName(queue.region), need: needName(queue.need), channel: t(`channel.${queue.channel}`) });
}

/** A queue, a center, a channel, somebody's name, or nothing for the whole network: what a decision is about, as people call it. */
export function subjectName(subject: string): string {
  const [region, need, channel] = subject.split("/");
  if (region && need && (channel === "voice" || channel === "text" || channel === "chat")) return queueName({ region, need, channel });
  if (subject === "") return t("subject.network");
  if (subject === "voice" || subject === "text" || subject === "chat") return t(`channel.${subject}`);
  return names.value.centers[subject] ?? subject;
}

/** By the level asked for. */
const HELP: Record<number, Key> = { 1: "decision.help", 2: "decision.help_join", 3: "decision.help_emergency" };

export function decisionWords(it: Decision, at: number): string {
  const subject = subjectName(it.subject);
  const since = span(at - it.since_ms);
  switch (it.kind) {
    case "longest_wait":
      return t("decision.longest_wait", { subject, since });
    case "sl":
      return t("decision.sl", { subject, since });
    case "left":
      return t("decision.left", { subject, since });
    case "no_one_free":
      return t("decision.no_one_free", { subject, since });
    case "center_silent":
      return t("decision.center_silent", { subject, since });
    case "help":
      return t(HELP[it.value] ?? "decision.help", { who: subject, since });
    case "text_unanswered":
      return t("decision.text_unanswered", { subject, since });
    case "handoff_stuck":
      return t("decision.handoff_stuck", { subject, since });
  }
}

export const shareWords = (it: Share): string => (it.whole ? percent(it.part, it.whole) : t("board.none_in_window"));

/** The state of everything in a few sentences; also on demand. */
export function summary(): string {
  const it = tiles.value;
  if (!it) return t("board.loading");
  const at = boardNow.value;
  const parts = [t("summary.waiting", { n: it.waiting.value })];
  if (it.longest_wait.since_ms) parts.push(t("summary.longest", { span: spanInWords(at - it.longest_wait.since_ms) }));
  parts.push(t("summary.answered", { share: shareWords(it.answered.sl), s: it.answered.within_s }));
  parts.push(t("summary.free", { n: it.counselors.free }));
  const open = decisions.value.filter((one) => !one.acknowledged_by).length;
  parts.push(t("summary.decisions", { n: open }));
  return parts.join(" ");
}

const severities = (it: Tiles): [string, Severity][] => [
  ["tile.waiting", it.waiting.severity], ["tile.longest", it.longest_wait.severity], ["tile.answered", it.answered.severity],
  ["tile.left", it.left.severity], ["tile.counselors", it.counselors.severity], ["tile.centers", it.centers.severity],
];

let standing = new Set<string>();
let told = new Map<string, Severity>();
let toldAt = 0;
let first = true;

/** What became more or less severe since it was last told, worst first. */
function changes(): { words: string[]; next: Map<string, Severity> } {
  const next = new Map<string, Severity>();
  const words: [Severity, string][] = [];
  const look = (key: string, severity: Severity, sentence: () => string) => {
    next.set(key, severity);
    if ((told.get(key) ?? "ok") !== severity) words.push([severity, sentence()]);
  };
  for (const key of order.value) {
    const row: QueueRow | undefined = rows.get(key)?.peek();
    if (row) look(key, row.severity, () => rowWords(row));
  }
  const all = tiles.value;
  if (all) {
    for (const [key, severity] of severities(all)) {
      look(key, severity, () => t("summary.tile", { name: t(key as "tile.waiting", { s: all.answered.within_s }), severity: t(`severity.${severity}`) }));
    }
  }
  const weight = { act: 0, watch: 1, ok: 2 };
  return { words: words.sort((a, b) => weight[a[0]] - weight[b[0]]).map((it) => it[1]), next };
}

export function rowWords(row: QueueRow): string {
  const fill = { queue: queueName(row.queue), severity: t(`severity.${row.severity}`), n: row.waiting };
  return row.longest_since_ms ? t("summary.row_waiting", { ...fill, span: spanInWords(boardNow.value - row.longest_since_ms) }) : t("summary.row", fill);
}

/** When each decision that calls for acting was last told: what comes and goes is not told each time. */
const decided = new Map<string, number>();
const DECIDED_MAX = 500;
let decidedFirst = true;

/** Somebody must act: told as soon as it is there, also while the board is paused. What was there when the page came is no news. */
effect(() => {
  const acts = decisions.value.filter((it) => it.severity === "act" && !it.acknowledged_by);
  if (!tiles.value) return;
  const at = performance.now();
  const news = acts.filter((it) => at - (decided.get(it.id) ?? Number.NEGATIVE_INFINITY) > SUMMARY_MS && !standing.has(it.id));
  standing = new Set(acts.map((it) => it.id));
  if (decided.size > DECIDED_MAX) decided.clear();
  for (const it of acts) decided.set(it.id, at);
  if (decidedFirst) {
    decidedFirst = false;
    return;
  }
  if (news.length) say(news.map((it) => decisionWords(it, now.peek())).join(" "));
});

const MOST = 3;

/** Called with the clock. */
export function speak(): void {
  if (pausedAt.value || !tiles.value) return;
  if (performance.now() - toldAt < SUMMARY_MS && !first) return;
  const { words, next } = changes();
  told = next;
  if (first) {
    // What was so when the page came is on the page, and no news.
    first = false;
    toldAt = performance.now();
    return;
  }
  if (words.length === 0) return;
  toldAt = performance.now();
  const more = words.length - MOST;
  say(words.slice(0, MOST).join(" ") + (more > 0 ? ` ${t("summary.more", { n: more })}` : ""));
}

