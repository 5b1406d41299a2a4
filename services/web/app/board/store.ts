// The board as this tab knows it: one signal a row, so that a delta repaints the cells it names and nothing else. Frames come at most four
// times a second; a gap in their numbers asks for everything anew. What was pressed is in acts.ts.
import { batch, signal, type Signal } from "@preact/signals";
import type { BoardFrame, BoardSay, CenterRow, Decision, Lines, Me, Names, QueueRow, Tiles, Today } from "../wire.ts";
import { openLine, type Line } from "../line/line.ts";
import { requestId } from "../line/request_id.ts";
import { boot } from "../boot.ts";

export const me = signal<Me>(boot.me);
export const build = signal(boot.build);
export const demo = signal(boot.demo);
export const names = signal<Names>({ regions: {}, needs: {}, centers: {} });
export const network = signal("");
export const tiles = signal<Tiles | null>(null);
export const rows = new Map<string, Signal<QueueRow>>();
/** The server's order, most urgent first. */
export const order = signal<string[]>([]);
export const queuesTotal = signal(0);
export const centers = signal<CenterRow[]>([]);
export const decisions = signal<Decision[]>([]);
export const lines = signal<Lines | null>(null);
export const today = signal<Today | null>(null);
export const incomplete = signal(false);
/** Grows with every frame that changed something; what must look at all rows looks at this. */
export const changed = signal(0);
/** Since when the reader has paused, on the page's clock; 0 if not. */
export const pausedAt = signal(0);
/** Changes that came while paused. */
export const heldChanges = signal(0);
export const allRows = signal(false);

let line: Line | null = null;
let epoch = 0;
let seq = 0;
let whole = false;
/** What a paused board has not shown: at the bound it asks for everything anew when it goes on. */
let held: BoardFrame[] = [];
const HELD_MAX = 200;

export type What = BoardSay extends infer It ? (It extends { request_id: string } ? Omit<It, "request_id"> : never) : never;

export function sayBoard(what: What, id = requestId()): void {
  line?.say({ request_id: id, ...what });
}

/** Who hears what becomes of what was said. */
export const heard = {
  open: (): void => undefined,
  answer: (_: Extract<BoardFrame, { type: "answer" }>): void => undefined,
};

export function start(): void {
  line = openLine<BoardFrame & { at_ms?: number; router_ms?: number }>("board", {
    open: () => {
      whole = false;
      held = [];
      if (allRows.value) sayBoard({ say: "all_rows", on: true });
      heard.open();
    },
    frame: take,
    down: () => undefined,
  });
}

export function askAllRows(on: boolean): void {
  allRows.value = on;
  sayBoard({ say: "all_rows", on });
}

export function setPaused(on: boolean): void {
  pausedAt.value = on ? Date.now() : 0;
  if (on) return;
  const missed = held;
  held = [];
  heldChanges.value = 0;
  if (missed.length >= HELD_MAX) return resync();
  batch(() => { for (const frame of missed) apply(frame); });
}

function resync(): void {
  whole = false;
  sayBoard({ say: "resync" });
}

function take(frame: BoardFrame): void {
  if (pausedAt.value && (frame.type === "snapshot" || frame.type === "delta")) {
    heldChanges.value += 1;
    // Somebody who asks for help does not wait for a reader who has paused.
    if (frame.decisions) decisions.value = frame.decisions;
    if (frame.type === "snapshot") held = [];
    if (held.length < HELD_MAX) held.push(frame);
    return;
  }
  apply(frame);
}

function apply(frame: BoardFrame): void {
  switch (frame.type) {
    case "hello":
      return batch(() => {
        me.value = frame.me;
        build.value = frame.build;
        demo.value = frame.demo;
        names.value = frame.names;
      });
    case "snapshot":
      return batch(() => {
        ({ epoch, seq } = frame);
        whole = true;
        network.value = frame.network;
        incomplete.value = frame.incomplete;
        const keys = frame.queues.map((it) => it.key);
        const here = new Set(keys);
        for (const key of [...rows.keys()]) if (!here.has(key)) retire(key);
        parts(frame);
        order.value = keys;
      });
    case "delta":
      // What is behind the place this tab has is not news, and what is ahead of it leaves a gap.
      if (!whole || (frame.epoch === epoch && frame.seq <= seq)) return;
      if (frame.epoch !== epoch || frame.seq !== seq + 1) return resync();
      return batch(() => {
        seq = frame.seq;
        for (const key of frame.gone ?? []) retire(key);
        parts(frame);
        if (frame.order) order.value = frame.order;
        else if (frame.gone) order.value = order.value.filter((it) => rows.has(it));
      });
    case "beat":
      if (whole && !pausedAt.value && frame.seq > seq) resync();
      return;
    case "answer":
      heard.answer(frame);
  }
}

/** Rows that left the list, at most as many as the network has queues. One that comes back is the same one: it may still be on the
 *  screen, where the order is held. */
const retired = new Map<string, Signal<QueueRow>>();

/** A row as it is, or as it was when it left. */
export const rowOf = (key: string): Signal<QueueRow> | undefined => rows.get(key) ?? retired.get(key);

function retire(key: string): void {
  const it = rows.get(key);
  if (it) retired.set(key, it);
  rows.delete(key);
}

function back(row: QueueRow): Signal<QueueRow> {
  const known = retired.get(row.key) ?? signal(row);
  retired.delete(row.key);
  known.value = row;
  return known;
}

type Parts = Partial<Pick<Extract<BoardFrame, { type: "delta" }>, "tiles" | "queues" | "queues_total" | "centers" | "decisions" | "lines" | "today">>;

function parts(it: Parts): void {
  if (it.tiles) tiles.value = it.tiles;
  for (const row of it.queues ?? []) {
    const known = rows.get(row.key);
    if (known) known.value = row;
    else rows.set(row.key, back(row));
  }
  if (it.queues_total !== undefined) queuesTotal.value = it.queues_total;
  if (it.centers) centers.value = it.centers;
  if (it.decisions) decisions.value = it.decisions;
  if (it.lines) lines.value = it.lines;
  if (it.today) today.value = it.today;
  changed.value += 1;
}
