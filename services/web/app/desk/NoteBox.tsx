// The note of a contact while it is written. What stands here is a draft on the server; "Keep" writes it into the contact for good.
import { t } from "../words/words.ts";
import type { DeskContact } from "../wire.ts";
import { clear, draftOf, isKept, write } from "./drafts.ts";
import { command, isBusy, ready, type Answer } from "./line.ts";
import { notice, why } from "./say.ts";
import { texts } from "./store.ts";

const bytes = (it: string) => new TextEncoder().encode(it).length;

/** Notes on their way, by contact, so that whoever hears that the contact is gone does not write the same one again. */
const onTheWay = new Map<string, { words: string; answer: Promise<Answer> }>();

/** Writes words into a contact, under a request id of their own. With `waits`, also when there is no connection just then. */
export async function writeNote(contact: string, words: string, waits = false): Promise<Answer> {
  const known = onTheWay.get(contact);
  if (known?.words === words) return known.answer;
  const answer = command({ say: "write_note", contact_id: contact, words }, { waits });
  const mine = { words, answer };
  onTheWay.set(contact, mine);
  const answered = await answer;
  if (onTheWay.get(contact) === mine) onTheWay.delete(contact);
  return answered;
}

/** Writes what stands in the box into the contact. True if nothing is left unwritten. */
export async function keepNote(contact: string): Promise<boolean> {
  const words = draftOf(contact).trim();
  if (!words) return true;
  const answer = await writeNote(contact, words);
  if (answer.code !== "ok") {
    notice(why(answer), "refused");
    return false;
  }
  clear(contact);
  return true;
}

export function NoteBox({ contact, label }: { contact: DeskContact; label?: string }) {
  const id = contact.contact_id;
  const words = draftOf(id);
  const over = bytes(words) - texts.value.note_bytes_max;
  return (
    <form class="note-box private" onSubmit={(event) => { event.preventDefault(); void keepNote(id); }}>
      <label for="note">{label ?? t("note.label")}</label>
      <textarea id="note" rows={5} value={words} dir="auto" aria-describedby="note-why" aria-invalid={over > 0} onInput={(event) => write(id, event.currentTarget.value)} />
      <p class="composer-foot">
        <button class="small" disabled={!words.trim() || over > 0 || isBusy("write_note", id)}>{t("note.keep")}</button>
        <span id="note-why" class="note">{over > 0 ? t("composer.too_long", { n: over }) : words ? (isKept(id) ? t("draft.saved") : ready.value ? t("draft.saving") : t("draft.here")) : t("note.why")}</span>
      </p>
    </form>
  );
}
