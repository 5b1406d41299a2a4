// What stands in the pictures: made up, and such as the service itself would say it. A desk has what a counselor may hold at one time; a
// queue's severity follows from its figures by the rules of the board; what is free is free for every queue of its channel.
import type { CenterRow, Decision, DeskContact, Lines, QueueRow, Severity, Share } from "../app/wire.ts";
import { networkNow } from "./mock/clock.ts";
import { handoffOf } from "./mock/deeds.ts";
import { contactOf, conversation, PEERS } from "./mock/people.ts";
import { NAMES } from "./mock/place.ts";
import type { Mock } from "./mock/server.ts";

const WITHIN_MS = 20_000;
const TARGET = 0.95;
const WEIGHT: Record<Severity, number> = { act: 0, watch: 1, ok: 2 };

const worst = (...all: Severity[]): Severity => all.reduce((a, b) => (WEIGHT[a] <= WEIGHT[b] ? a : b));
const ofWait = (ms: number): Severity => (ms > 3 * WITHIN_MS ? "act" : ms > WITHIN_MS ? "watch" : "ok");
const part = (it: Share) => (it.whole ? it.part / it.whole : 1);
const ofLevel = (it: Share): Severity => (part(it) >= TARGET ? "ok" : it.whole >= 20 && part(it) < TARGET - 0.1 ? "act" : "watch");
const ofLeft = (it: Share): Severity => { const share = it.whole ? part(it) : 0; return share > 0.1 && it.whole >= 20 ? "act" : share > 0.05 ? "watch" : "ok"; };

/** The same numbers every time. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const FREE = { voice: 0, text: 3, chat: 0 };
/** Queues that have it hard: how many wait, how long the first of them, and how many of 30 minutes were answered in time. */
const HARD: Record<string, { waiting: number; seconds: number; level: number }> = {
  "south/general/voice": { waiting: 9, seconds: 154, level: 0.71 }, "islands/spanish/voice": { waiting: 4, seconds: 92, level: 0.78 },
  "west/youth/voice": { waiting: 5, seconds: 71, level: 0.83 }, "mountain/veteran/voice": { waiting: 2, seconds: 44, level: 0.91 },
  "northeast/general/voice": { waiting: 3, seconds: 31, level: 0.9 }, "plains/grief/voice": { waiting: 1, seconds: 24, level: 0.97 },
};

function row(region: string, need: string, channel: "voice" | "text", now: number, any: (below: number) => number): QueueRow {
  const key = `${region}/${need}/${channel}`;
  const hard = HARD[key];
  const waiting = hard?.waiting ?? (any(4) === 0 ? 1 : 0);
  const seconds = hard?.seconds ?? 2 + any(15);
  const whole = (hard ? 70 : 4) + any(need === "general" ? 60 : 22);
  const beyond = seconds * 1_000 > WITHIN_MS ? waiting : 0;
  const sl = { part: Math.min(whole - beyond, Math.round(whole * (hard?.level ?? 0.97))), whole };
  if (!hard && part(sl) < TARGET) sl.part = whole;
  const left = { part: Math.min(whole - beyond - sl.part, Math.round(whole * (hard ? 0.06 : 0.02))), whole };
  return {
    key, queue: { region, need, channel }, waiting, longest_since_ms: waiting ? now - seconds * 1_000 : 0, sl, sl_finished: { part: sl.part, whole: whole - beyond },
    left, left_short: any(5) === 0 ? 1 : 0, free: FREE[channel], on_contact: (need === "general" ? 3 : 0) + any(4), severity: worst(waiting ? ofWait(seconds * 1_000) : "ok", ofLevel(sl), ofLeft(left)),
  };
}

const sum = (all: number[]) => all.reduce((a, b) => a + b, 0);
const shares = (all: Share[]): Share => ({ part: sum(all.map((it) => it.part)), whole: sum(all.map((it) => it.whole)) });

/** A busy evening: nobody is free for calls, one center has fallen silent, somebody asks for help. */
export function busyBoard({ board }: Mock): void {
  const now = networkNow();
  const any = seeded(11);
  const all = Object.keys(NAMES.regions).flatMap((region) => Object.keys(NAMES.needs).flatMap((need) => (["voice", "text"] as const).map((channel) => row(region, need, channel, now, any))));
  board.queues = all.sort((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity] || (a.longest_since_ms || Infinity) - (b.longest_since_ms || Infinity) || a.key.localeCompare(b.key));
  const waiting = sum(all.map((it) => it.waiting));
  const sl = shares(all.map((it) => it.sl));
  const left = shares(all.map((it) => it.left));
  const longest = Math.min(...all.filter((it) => it.waiting).map((it) => it.longest_since_ms));
  const people = [[0, 21], [1, 18], [0, 16], [0, 9], [1, 15], [0, 12], [0, 0], [1, 10]];
  board.centers = Object.entries(NAMES.centers).map(([center, name], at): CenterRow => ({
    center, name, state: center === "gulf" ? "silent" : center === "lantern" ? "closed" : "taking", free: people[at]?.[0] ?? 0, on_contact: people[at]?.[1] ?? 0,
    wrapping_up: center === "lantern" ? 0 : 1 + (at % 3), away: center === "lantern" ? 0 : at % 2, unsure: center === "gulf" ? 2 : 0,
  }));
  const of = (what: "free" | "on_contact" | "wrapping_up" | "away" | "unsure") => sum(board.centers.map((it) => it[what]));
  board.tiles = {
    waiting: { value: waiting, severity: "watch" }, longest_wait: { since_ms: longest, target_ms: WITHIN_MS, severity: "act" },
    answered: { sl, sl_finished: shares(all.map((it) => it.sl_finished)), within_s: 20, target_percent: 95, severity: ofLevel(sl) },
    left: { share: left, short: sum(all.map((it) => it.left_short)), severity: ofLeft(left) },
    counselors: { free: of("free"), on_contact: of("on_contact"), wrapping_up: of("wrapping_up"), away: of("away"), unsure: of("unsure"), severity: "watch" },
    centers: { taking: 6, all: 8, severity: "watch" }, peers: { free: 4, on_contact: 7, handoffs: 2 },
  };
  const decision = (id: string, kind: Decision["kind"], severity: Severity, subject: string, seconds: number, value: number): Decision =>
    ({ id, kind, severity, subject, since_ms: now - seconds * 1_000, value, who: "", contact_id: "", acknowledged_by: "" });
  const voice = sum(all.filter((it) => it.queue.channel === "voice").map((it) => it.waiting));
  board.decisions = [
    { ...decision("d1", "help", "act", "Rosa M.", 64, 2), who: "rosa" }, decision("d2", "longest_wait", "act", "south/general/voice", 94, 9),
    decision("d3", "center_silent", "watch", "gulf", 12, 2), { ...decision("d4", "no_one_free", "watch", "voice", 22, voice), acknowledged_by: "ana" },
  ];
  board.lines = hour(now, any, waiting, Math.round(100 * part(sl)));
  board.today = {
    arrived: 3_188 + 131 + waiting, answered: 3_188, left: 131, since_ms: now - 50_000_000, zone: "America/Denver", handoffs: { started: 58, completed: 48, returned: 5, cancelled: 3 },
    wait_ms: { mean: 14_300, p50: 7_000, p90: 31_000, p99: 118_000 },
  };
}

function hour(now: number, any: (below: number) => number, waiting: number, level: number): Lines {
  const minutes = Array.from({ length: 60 }, (_, at) => now - (59 - at) * 60_000);
  const surge = (at: number) => Math.max(0, at - 46) / 13;
  return {
    minute_ms: minutes, arrived: minutes.map((_, at) => Math.round(44 + 9 * Math.sin(at / 7) + 26 * surge(at) + any(7))),
    waiting: minutes.map((_, at) => (at === 59 ? waiting : Math.round(5 + 2 * Math.sin(at / 5) + (waiting - 6) * surge(at) ** 1.6 + any(3)))),
    answered: minutes.map((_, at) => ({ part: Math.min(100, Math.round(98 - (98 - level) * surge(at) - any(3))), whole: 100 })),
  };
}

/** A night on which nobody calls. */
export function quietBoard(mock: Mock): void {
  busyBoard(mock);
  const { board } = mock;
  const none = { part: 0, whole: 0 };
  board.queues = board.queues.filter((it) => ["west", "south"].includes(it.queue.region) && it.queue.need !== "grief").map((it) => (
    { ...it, severity: "ok" as const, waiting: 0, longest_since_ms: 0, sl: none, sl_finished: none, left: none, left_short: 0, free: 12, on_contact: 0 }
  )).sort((a, b) => a.key.localeCompare(b.key));
  board.centers = Object.entries(NAMES.centers).slice(0, 3).map(([center, name]) => ({ center, name, state: "taking", free: 4, on_contact: 0, wrapping_up: 0, away: 1, unsure: 0 }));
  board.decisions = [];
  board.lines = { minute_ms: board.lines.minute_ms, arrived: board.lines.minute_ms.map(() => 0), waiting: board.lines.minute_ms.map(() => 0), answered: board.lines.minute_ms.map(() => none) };
  board.tiles = {
    waiting: { value: 0, severity: "ok" }, longest_wait: { since_ms: 0, target_ms: WITHIN_MS, severity: "ok" },
    answered: { sl: none, sl_finished: none, within_s: 20, target_percent: 95, severity: "ok" }, left: { share: none, short: 0, severity: "ok" },
    counselors: { free: 12, on_contact: 0, wrapping_up: 0, away: 3, unsure: 0, severity: "ok" }, centers: { taking: 3, all: 3, severity: "ok" }, peers: { free: 2, on_contact: 0, handoffs: 0 },
  };
  board.today = { ...board.today, arrived: 0, answered: 0, left: 0, handoffs: { started: 0, completed: 0, returned: 0, cancelled: 0 }, wait_ms: { mean: null, p50: null, p90: null, p99: null } };
}

const first = (): DeskContact => contactOf({
  contact_id: "c1", messages: conversation("c1"), messages_total: 7, connected_at_ms: networkNow() - 400_000, arrived_at_ms: networkNow() - 490_000, unanswered_since_ms: networkNow() - 70_000,
  notes: ["Student, exams on Monday. Talks easily about music."],
});

/** A desk at work, with peers on shift. */
export function atDesk({ desk }: Mock, ...contacts: DeskContact[]): void {
  desk.self = { ...desk.self, readiness: "available" };
  desk.peers = PEERS;
  desk.contacts = contacts;
}

/** One text, and room for one more. */
export const oneText = (mock: Mock): void => atDesk(mock, first());

/** Two texts: as many as the plan gives somebody, so nothing more is offered. */
export const twoTexts = (mock: Mock, change: Partial<DeskContact> = {}): void => atDesk(mock, { ...first(), ...change }, contactOf({
  contact_id: "c2", queue: { region: "south", need: "grief", channel: "text" }, messages: conversation("c2").slice(0, 4), messages_total: 4, connected_at_ms: networkNow() - 250_000, arrived_at_ms: networkNow() - 300_000,
}));

export const SHARED = "Exams, a quiet flat. Would like to hear how somebody else got through a year like this.";

/** A call that has gone on for a while. */
export const call = (mock: Mock): void => {
  atDesk(mock, contactOf({
    contact_id: "v1", queue: { region: "west", need: "general", channel: "voice" }, person_leg: "in_room", counselor_leg: "in_room", connected_at_ms: networkNow() - 754_000, arrived_at_ms: networkNow() - 770_000,
  }));
  mock.desk.self = { ...mock.desk.self, help: { level: "question", contact_id: "v1", asked_at_ms: networkNow() - 8_000, answered_by: "Ana", answered_at_ms: networkNow() } };
};

/** The peer's side of a handoff, at a desk of its own: what the person agreed to share, and nothing else before they join. */
export const joining = (mock: Mock, together: boolean): void => {
  const handoff = handoffOf({ state: together ? "together" : "briefing", from_id: "ana", to_id: "sam", owner_id: "ana", note: SHARED });
  atDesk(mock, { ...first(), part: "joining", notes: [], handoff, ...(together ? {} : { messages: [], unanswered_since_ms: 0 }) });
  mock.desk.self = { ...mock.desk.self, kind: "peer", name: "Sam K." };
  mock.boot.me = { name: "sam", role: "peer" };
  mock.desk.peers = [{ ...PEERS[0]!, counselor_id: "ana", name: "Ana T.", kind: "counselor", peer_types: [] }];
};
