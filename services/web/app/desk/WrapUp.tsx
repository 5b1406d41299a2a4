// After a contact: the note, more time whenever it is wanted, and a pause without a reason.
import { useComputed } from "@preact/signals";
import { now } from "../line/clock.ts";
import { span, spanInWords } from "../words/spans.ts";
import { t } from "../words/words.ts";
import type { DeskContact } from "../wire.ts";
import { isBusy } from "./line.ts";
import { keepNote, NoteBox } from "./NoteBox.tsx";
import { finished } from "./note_time.ts";
import { does } from "./say.ts";
import { become } from "./shift.ts";
import { self } from "./store.ts";

export async function finish({ contact_id }: DeskContact): Promise<void> {
  finished.add(contact_id);
  const done = (await keepNote(contact_id)) && (await does({ say: "finish_wrap_up", contact_id }));
  if (!done) finished.delete(contact_id);
}

export function WrapUp({ contact }: { contact: DeskContact }) {
  const id = contact.contact_id;
  const left = useComputed(() => Math.max(0, contact.wrap_up_ends_at_ms - now.value));
  const words = useComputed(() => span(left.value));
  const resting = self.value?.readiness_next === "break" || self.value?.readiness === "break";
  return (
    <div class="wrap-up">
      <p class="call-words" role="status">{t("wrap.title")}</p>
      {contact.wrap_up_ends_at_ms > 0 && (
        <p class="wrap-time"><span class="note">{t("wrap.left")}</span> <strong role="timer" aria-live="off" aria-label={spanInWords(left.peek())}>{words}</strong>
          <button type="button" class="small" disabled={isBusy("extend_wrap_up", id)} onClick={() => void does({ say: "extend_wrap_up", contact_id: id })}>{t("wrap.more")}</button></p>
      )}
      <NoteBox contact={contact} label={t("wrap.note")} />
      <p class="row-actions">
        <button type="button" class="primary" disabled={isBusy("finish_wrap_up", id)} onClick={() => void finish(contact)}>{t("wrap.finish")}</button>
        <button type="button" disabled={resting} onClick={() => become("break")}>{resting ? t("wrap.resting") : t("wrap.take_five")}</button>
      </p>
      <p class="note">{t("wrap.nobody")}</p>
    </div>
  );
}
