// A busy evening for the board: made of a small generator with a fixed seed, so that pictures and tests are the same each time.
import type { CenterRow, Decision, QueueRow, Severity } from "../../app/wire.ts";
import type { BoardMock } from "./board.ts";
import { networkNow } from "./clock.ts";
import { NAMES } from "./place.ts";

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function busyRows(now: number): QueueRow[] {
  const random = seeded(7);
  const rows: QueueRow[] = [];
  for (const region of Object.keys(NAMES.regions)) {
    for (const need of Object.keys(NAMES.needs)) {
      for (const channel of ["voice", "text"] as const) {
        const heat = random();
        const severity: Severity = heat > 0.95 ? "act" : heat > 0.84 ? "watch" : "ok";
        const waiting = severity === "act" ? 4 + Math.floor(random() * 7) : severity === "watch" ? 1 + Math.floor(random() * 4) : heat > 0.5 ? Math.floor(random() * 2) : 0;
        const whole = Math.floor(random() * 90);
        const part = Math.round(whole * (severity === "act" ? 0.62 : severity === "watch" ? 0.87 : 0.97));
        rows.push({
          key: `${region}/${need}/${channel}`, queue: { region, need, channel }, severity, waiting,
          longest_since_ms: waiting ? now - Math.floor((severity === "act" ? 70_000 : severity === "watch" ? 24_000 : 5_000) * (0.6 + random())) : 0,
          sl: { part, whole }, sl_finished: { part: Math.min(whole, part + 2), whole }, left: { part: Math.round(whole * (severity === "act" ? 0.11 : 0.02)), whole },
          left_short: Math.floor(random() * 3), free: severity === "act" ? 0 : Math.floor(random() * 5), on_contact: Math.floor(random() * 14),
        });
      }
    }
  }
  const weight = { act: 0, watch: 1, ok: 2 };
  return rows.sort((a, b) => weight[a.severity] - weight[b.severity] || (a.longest_since_ms || Infinity) - (b.longest_since_ms || Infinity) || a.key.localeCompare(b.key));
}

export function makeBusy(board: BoardMock): void {
  const now = networkNow();
  const random = seeded(3);
  board.queues = busyRows(now);
  const longest = Math.min(...board.queues.filter((it) => it.longest_since_ms).map((it) => it.longest_since_ms));
  board.tiles = {
    waiting: { value: board.queues.reduce((sum, it) => sum + it.waiting, 0), severity: "watch" }, longest_wait: { since_ms: longest, target_ms: 20_000, severity: "act" },
    answered: { sl: { part: 884, whole: 1_000 }, sl_finished: { part: 884, whole: 941 }, within_s: 20, target_percent: 95, severity: "watch" },
    left: { share: { part: 41, whole: 1_000 }, short: 12, severity: "ok" },
    counselors: { free: 6, on_contact: 118, wrapping_up: 21, away: 9, unsure: 2, severity: "watch" },
    centers: { taking: 6, all: 8, severity: "watch" }, peers: { free: 4, on_contact: 7, handoffs: 2 },
  };
  board.centers = Object.entries(NAMES.centers).map(([center, name], at): CenterRow => ({
    center, name, state: center === "gulf" ? "silent" : center === "lantern" ? "closed" : "taking",
    free: center === "lantern" ? 0 : Math.floor(random() * 4), on_contact: center === "lantern" ? 0 : 8 + at * 3, wrapping_up: 2, away: 1, unsure: center === "gulf" ? 2 : 0,
  }));
  const first = board.queues[0]?.key ?? "";
  const second = board.queues[1]?.key ?? "";
  board.decisions = [
    { ...decision("d1", "help", "act", "Rosa M.", now - 42_000, "rosa"), value: 2 }, decision("d2", "longest_wait", "act", first, now - 61_000), decision("d3", "center_silent", "watch", "gulf", now - 12_000),
    { ...decision("d4", "no_one_free", "watch", second, now - 95_000), acknowledged_by: "ana" },
  ];
  const minutes = Array.from({ length: 60 }, (_, at) => now - (59 - at) * 60_000);
  const wave = (at: number) => 1 + 0.5 * Math.sin(at / 9) + (at > 46 ? (at - 46) / 8 : 0);
  board.lines = {
    minute_ms: minutes, arrived: minutes.map((_, at) => Math.round(22 * wave(at) + random() * 6)), waiting: minutes.map((_, at) => Math.round(8 * wave(at) ** 2 + random() * 4)),
    answered: minutes.map((_, at) => ({ part: Math.round(30 * (at > 46 ? 0.86 : 0.96) - random() * 2), whole: 30 })),
  };
  board.today = {
    arrived: 3_412, answered: 3_188, left: 131, since_ms: now - 50_000_000, zone: "America/Denver", handoffs: { started: 58, completed: 49, returned: 5, cancelled: 3 },
    wait_ms: { mean: 14_300, p50: 7_000, p90: 31_000, p99: 118_000 },
  };
}

function decision(id: string, kind: Decision["kind"], severity: Severity, subject: string, since_ms: number, who = ""): Decision {
  return { id, kind, severity, subject, since_ms, value: 0, who, contact_id: "", acknowledged_by: "" };
}

/** An evening on which nothing happens. */
export function makeEmpty(board: BoardMock): void {
  board.queues = busyRows(networkNow()).slice(0, 12).map((it) => ({
    ...it, severity: "ok", waiting: 0, longest_since_ms: 0, sl: { part: 0, whole: 0 }, sl_finished: { part: 0, whole: 0 }, left: { part: 0, whole: 0 }, left_short: 0, free: 3, on_contact: 0,
  }));
  board.centers = Object.entries(NAMES.centers).slice(0, 3).map(([center, name]) => ({ center, name, state: "taking", free: 4, on_contact: 0, wrapping_up: 0, away: 1, unsure: 0 }));
  board.tiles = { ...board.tiles, centers: { taking: 3, all: 3, severity: "ok" } };
}
