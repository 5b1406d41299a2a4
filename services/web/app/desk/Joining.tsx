// The other side of a handoff: read what the person agreed to share, join, and say when you have them. Until then they belong to whoever
// hands over, and one may step back; from then on they are one's own, and only whoever hands over still has to leave.
import { useComputed } from "@preact/signals";
import { now } from "../line/clock.ts";
import { useRescue } from "../shell/focus.ts";
import { span } from "../words/spans.ts";
import { t, type Key } from "../words/words.ts";
import type { DeskContact, DeskHandoff, HandoffState } from "../wire.ts";
import { isBusy, ready } from "./line.ts";
import { does } from "./say.ts";
import { peerName } from "./store.ts";

const NOW: Partial<Record<HandoffState, Key>> = {
  briefing: "joining.read", joining: "joining.joining", together: "joining.together", confirmed: "joining.confirmed",
};

export function Joining({ contact, it }: { contact: DeskContact; it: DeskHandoff }) {
  const id = contact.contact_id;
  const left = useComputed(() => (it.deadline_ms && it.state !== "confirmed" ? t("joining.left", { span: span(it.deadline_ms - now.value) }) : ""));
  useRescue(it.state, "#joining");
  const name = peerName(it.from_id);
  const key = NOW[it.state];
  return (
    <section class="card handoff" aria-labelledby="joining">
      <h2 id="joining" tabIndex={-1}>{t("joining.title", { name })}</h2>
      <p class="handoff-now" role="status">{key ? t(key, { name }) : ""}</p>
      <p class="note"><span role="timer" aria-live="off">{left}</span></p>
      <h3>{t("joining.note")}</h3>
      <blockquote class="private" dir="auto">{it.note || t("joining.no_note")}</blockquote>
      <p class="row-actions">
        {it.state === "briefing" && (
          <button type="button" class="primary" disabled={!ready.value || isBusy("join_handoff", id)} onClick={() => void does({ say: "join_handoff", contact_id: id })}>{t("joining.join")}</button>
        )}
        {(it.state === "joining" || it.state === "together") && (
          <button type="button" class="primary" disabled={!ready.value || it.state !== "together" || isBusy("confirm_handoff", id)}
            onClick={() => void does({ say: "confirm_handoff", contact_id: id })}>{t("joining.have_them")}</button>
        )}
        {it.state !== "confirmed" && (
          <button type="button" disabled={isBusy("cancel_handoff", id)} onClick={() => void does({ say: "cancel_handoff", contact_id: id })}>{t("joining.step_back")}</button>
        )}
      </p>
    </section>
  );
}
