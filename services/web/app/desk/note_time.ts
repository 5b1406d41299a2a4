// The time for a note ends while it is being written: whoever still types gets more time, and what stands there is otherwise written
// into the contact before the time is over. It also ends when the person needs somebody again and the writer may be asked; then what stands
// there is written as well. Nobody's words end with a clock, and what became of them is always said.
import { effect } from "@preact/signals";
import { now, serverNow } from "../line/clock.ts";
import { t } from "../words/words.ts";
import type { DeskContact } from "../wire.ts";
import { draftOf, sinceTypedMs } from "./drafts.ts";
import { command, ready } from "./line.ts";
import { keepNote, writeNote } from "./NoteBox.tsx";
import { notice, why } from "./say.ts";
import { contacts, lease, watch, writingUp } from "./store.ts";

const BEFORE_MS = 5_000;
/** Nothing typed for so long: whoever wrote has stopped. */
const TYPING_MS = 10_000;
/** A contact that is gone this close to its end went by time. */
const BY_TIME_MS = 1_500;

/** Finished by a press here: there is nothing to tell. */
export const finished = new Set<string>();
/** For which end each contact's time was last seen to. */
const seenTo = new Map<string, string>();
/** What is typed after the first look is seen to once more, just before the end. */
const LAST_MS = 1_500;
/** When more time was last asked for, on the network's clock, and how much it gave. */
const extended = new Map<string, { at: number; byMs: number }>();
const told = new Set<string>();

async function keep(id: string): Promise<void> {
  if (!(await keepNote(id))) return;
  told.add(id);
  notice(t("wrap.kept"));
}

function see(it: DeskContact, at: number): void {
  const id = it.contact_id;
  const left = it.wrap_up_ends_at_ms - at;
  const look = `${it.wrap_up_ends_at_ms} ${left <= LAST_MS}`;
  if (!writingUp(it) || it.wrap_up_ends_at_ms === 0 || left > BEFORE_MS || left <= 0 || seenTo.get(id) === look || !draftOf(id).trim()) return;
  seenTo.set(id, look);
  const last = extended.get(id);
  if (sinceTypedMs(id) < TYPING_MS && (!last || at - last.at >= last.byMs / 2)) {
    extended.set(id, { at, byMs: 0 });
    void command({ say: "extend_wrap_up", contact_id: id }).then((answer) => { if (answer.code !== "ok") void keep(id); });
  } else void keep(id);
}

effect(() => {
  const at = now.value;
  if (!ready.value || !lease.value) return;
  for (const it of contacts.value) see(it, at);
});

/** Taken away in the middle of a word. It can still be written, since whoever handed a person over may say what should be known. */
async function keepLate(id: string, words: string): Promise<void> {
  const answer = await writeNote(id, words, true);
  if (answer.code === "ok") notice(t("wrap.needed_kept"));
  else notice(t("wrap.needed_not_kept", { why: why(answer) }), "refused", words);
}

watch({
  contactMoved: (it, before) => {
    const last = extended.get(it.contact_id);
    const by = it.wrap_up_ends_at_ms - (before?.wrap_up_ends_at_ms ?? 0);
    if (last && last.byMs === 0 && by > 0) last.byMs = by;
  },
  contactGone: (it, before) => {
    const id = it.contact_id;
    const byTime = before && writingUp(before) && before.wrap_up_ends_at_ms > 0 && before.wrap_up_ends_at_ms - serverNow() < BY_TIME_MS;
    const standing = draftOf(id).trim();
    if (byTime && !finished.has(id) && (standing || !told.has(id))) {
      notice(t(standing ? "wrap.not_kept" : before.notes.length ? "wrap.kept" : "wrap.over"), standing ? "refused" : "told");
    } else if (before?.part === "writing_up" && !byTime && !finished.has(id) && standing && lease.value) void keepLate(id, standing);
    for (const of of [finished, told, seenTo, extended]) of.delete(id);
  },
});
