// The desk's conversation with its service: signs in, says commands under request ids of their own, keeps each until it is answered and
// says it again, under the same id, after a cut. The same id twice does the thing once.
import { batch, signal } from "@preact/signals";
import type { DeskFrame, DeskSay } from "../wire.ts";
import { openLine, type Line } from "../line/line.ts";
import { requestId } from "../line/request_id.ts";
import { contacts, ended, lease, me, names, takeDelta, takeSnapshot, texts } from "./store.ts";

type Plain<It> = It extends { request_id: string } ? Omit<It, "request_id"> : never;
export type Command = Plain<DeskSay>;

export interface Answer { code: "ok" | "refused" | "unavailable" | "not_connected"; reason: string; message: string }

interface Pending {
  frame: DeskSay;
  answered: (answer: Answer) => void;
  /** How often it was answered "unavailable", which says that it is not known whether it was done. */
  doubts: number;
  /** Words to a person wait for the connection, however long. */
  waits: boolean;
}

/** Commands that wait for an answer. At the bound, another is refused and says so; what a person wrote waits in the outbox. */
const PENDING_MAX = 64;
const DOUBTS_MAX = 3;
/** A press of a button that has no answer so long after a cut is over, as not confirmed: it must not come true long afterwards. */
const UNCONFIRMED_MS = 10_000;

const pending = new Map<string, Pending>();
/** What is being done, by kind and contact: a button that was pressed says so until the server has answered. */
export const busy = signal<ReadonlySet<string>>(new Set());
/** Whether the server has said hello on this socket. */
export const ready = signal(false);

let line: Line | null = null;
let audioAddress = "";
let take = false;
/** Whether another window is known to have rung when the line was last open. */
let another = false;
let givingUp: ReturnType<typeof setTimeout> | undefined;

const ABOUT = (it: Command) => `${it.say}:${"contact_id" in it ? it.contact_id : "offer_id" in it ? it.offer_id : ""}`;
export const isBusy = (say: Command["say"], about = ""): boolean => busy.value.has(`${say}:${about}`);

function show(): void {
  busy.value = new Set([...pending.values()].map((it) => ABOUT(it.frame)));
}

export function startLine(audio: string): void {
  audioAddress = audio;
  ended.value = null;
  lease.value = null;
  another = false;
  if (line) return line.reopen();
  line = openLine<DeskFrame & { at_ms?: number; router_ms?: number }>("desk", {
    open: (from) => {
      // Whoever knows that another window rang lets that one come back first.
      const quiet = another && !take && !isBusy("take");
      const has_contact = contacts.peek().length > 0;
      line?.say({
        request_id: requestId(), say: "sign_in", audio_address: audioAddress, from, take,
        ...(quiet ? { quiet } : {}), ...(has_contact ? { has_contact } : {}),
      } satisfies DeskSay);
      take = false;
    },
    down,
    frame: hear,
  });
}

function down(): void {
  ready.value = false;
  givingUp ??= setTimeout(giveUp, UNCONFIRMED_MS);
}

function giveUp(): void {
  for (const [id, it] of [...pending]) {
    if (it.waits) continue;
    pending.delete(id);
    it.answered({ code: "unavailable", reason: "UNAVAILABLE", message: "" });
  }
  show();
}

export function stopLine(): void {
  line?.close();
  down();
}

/** Takes the lease: at once, or as the line opens again, which an end by the server does not do by itself. */
export function useHere(): void {
  if (ready.value) return void command({ say: "take" });
  take = true;
  if (ended.value) startLine(audioAddress);
}

/** Says it, and gives what became of it. While there is no connection only what may wait is taken: words, never a press of a button. */
export function command(it: Command, options: { id?: string; waits?: boolean } = {}): Promise<Answer> {
  const id = options.id ?? requestId();
  if (!ready.value && !options.waits) return Promise.resolve({ code: "not_connected", reason: "NOT_CONNECTED", message: "" });
  if (pending.size >= PENDING_MAX) return Promise.resolve({ code: "unavailable", reason: "DESK_QUEUE_FULL", message: "" });
  return new Promise((answered) => {
    const frame = { request_id: id, ...it } as DeskSay;
    pending.set(id, { frame, answered, doubts: 0, waits: options.waits ?? false });
    show();
    if (ready.value) line?.say(frame);
  });
}

function hear(frame: DeskFrame): void {
  switch (frame.type) {
    case "hello":
      take = false;
      // Whoever had the lease and comes back too soon finds their own old line in their place, and no other window.
      if (frame.lease || lease.value !== true) another = !frame.lease;
      batch(() => {
        me.value = frame.me;
        names.value = frame.names;
        texts.value = frame.texts;
        lease.value = frame.lease;
        ready.value = true;
      });
      clearTimeout(givingUp);
      givingUp = undefined;
      // In the order they were said, each under its own id.
      for (const it of pending.values()) line?.say(it.frame);
      return;
    case "lease":
      lease.value = frame.held;
      another = !frame.held;
      return;
    case "snapshot":
      return takeSnapshot(frame);
    case "delta":
      return takeDelta(frame);
    case "beat":
      return;
    case "answer":
      return answer(frame);
    case "end":
      // A service that restarts is worth coming back to; every other end is meant.
      if (frame.reason === "restarting") return;
      ended.value = { reason: frame.reason, message: frame.message };
      return stopLine();
  }
}

function answer(frame: Extract<DeskFrame, { type: "answer" }>): void {
  const it = pending.get(frame.request_id);
  if (!it) return;
  if (frame.code === "unavailable" && it.doubts < DOUBTS_MAX) {
    it.doubts += 1;
    setTimeout(() => {
      if (ready.value && pending.has(frame.request_id)) line?.say(it.frame);
    }, 500 * 2 ** it.doubts);
    return;
  }
  pending.delete(frame.request_id);
  show();
  it.answered({ code: frame.code, reason: frame.reason, message: frame.message });
}
