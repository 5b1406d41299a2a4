// The contact that is open, in the middle of the desk: a conversation, a call or a write-up, with what can be done about it.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useRescue } from "../shell/focus.ts";
import { Kbd } from "../shell/parts.tsx";
import { t } from "../words/words.ts";
import type { DeskContact } from "../wire.ts";
import { CallPane } from "./CallPane.tsx";
import { Composer } from "./Composer.tsx";
import { contactState, contactTitle } from "./Conversations.tsx";
import { isBusy, ready } from "./line.ts";
import { Messages } from "./Messages.tsx";
import { does } from "./say.ts";
import { mayWrite, openContact, self, takingOver, underWay, watch, writingUp } from "./store.ts";
import { unsent } from "./drafts.ts";
import { WrapUp } from "./WrapUp.tsx";
import { canHandOver, openHandoff } from "./doing.ts";

/** The contact for which End was pressed once: it asks before it ends somebody who is still there. */
export const ending = signal("");

function end(it: DeskContact): void {
  ending.value = "";
  void does({ say: "end_contact", contact_id: it.contact_id });
}

/** What was asked was asked of the contact as it stood; if anything comes, the question is put away. */
const putAway = (id: string) => { if (ending.value === id) ending.value = ""; };
watch({
  message: (it) => putAway(it.contact_id),
  contactMoved: (it) => putAway(it.contact_id),
  contactGone: (it) => putAway(it.contact_id),
});

function Actions({ it }: { it: DeskContact }) {
  const id = it.contact_id;
  const voice = it.queue?.channel === "voice";
  const mine = it.part === "owner" || it.part === null;
  const going = underWay(it.handoff);
  if (writingUp(it) || it.part === "joining") return null;
  return (
    <div class="row-actions actions">
      {voice && (
        <button type="button" aria-pressed={it.held} disabled={!mine || !ready.value || it.state !== "connected" || isBusy("hold_person", id)}
          onClick={() => void does({ say: "hold_person", contact_id: id, on: !it.held })}>{t(it.held ? "call.resume" : "call.hold")} <Kbd of="hold" /></button>
      )}
      {mine && !takingOver(it) && <button type="button" disabled={!canHandOver.value} onClick={openHandoff}>{t(self.value?.kind === "peer" ? "handoff.button_back" : "handoff.button")} <Kbd of="hand_over" /></button>}
      {mine && !going && <button type="button" disabled={!ready.value || isBusy("give_back", id)} onClick={() => void does({ say: "give_back", contact_id: id })}>{t("contact.give_back")}</button>}
      {mine && !going && <button type="button" disabled={!ready.value || isBusy("end_contact", id)} onClick={() => (ending.value = id)}>{t("contact.end")}</button>}
    </div>
  );
}

/** The answer that changes nothing has focus, and gets it once: a key that is pressed while something else is painted must end nobody. */
function EndAsked({ it }: { it: DeskContact }) {
  const stay = useRef<HTMLButtonElement>(null);
  useEffect(() => stay.current?.focus(), []);
  return (
    <div class="asked" role="group" aria-label={t("contact.end")}>
      <p>{t(it.queue?.channel === "voice" ? "end.ask_voice" : "end.ask_text")}</p>
      <p class="row-actions">
        <button type="button" class="primary" onClick={() => end(it)}>{t("end.yes")}</button>
        <button type="button" ref={stay} onClick={() => (ending.value = "")}>{t("end.no")}</button>
      </p>
    </div>
  );
}

function OptedOut() {
  return <p class="banner act opt-out-banner" role="note"><strong>{t("opt_out.title")}</strong> {t("opt_out.what")}</p>;
}

export function ContactPane() {
  const it = openContact.value;
  const id = it?.contact_id ?? "";
  const before = useRef(id);
  const same = before.current === id;
  useEffect(() => { before.current = id; }, [id]);
  const asks = it !== null && ending.value === id && !writingUp(it);
  // What was begun for one person never goes on in another's box: from one contact to the next, the keyboard stays at the heading.
  useRescue(it ? `${id} ${it.state} ${it.part} ${asks} ${takingOver(it)}` : "", ...(same ? [it && writingUp(it) ? "#note" : "#compose"] : []), "#pane");
  if (!it) {
    return <section class="card pane quiet-pane" aria-labelledby="pane"><h2 id="pane" tabIndex={-1}>{t("pane.none")}</h2><p>{t("pane.none_what")}</p></section>;
  }
  const text = it.queue?.channel !== "voice";
  return (
    <section class="card pane" aria-labelledby="pane" data-open={it.contact_id}>
      <div class="card-head">
        <h2 id="pane" tabIndex={-1}>{contactTitle(it)} <span class="note">{contactState(it)}</span></h2>
        <span class="grow" />
        <Actions it={it} />
      </div>
      {asks && <EndAsked key={id} it={it} />}
      {it.opted_out && <OptedOut />}
      {text && <Messages contact={it} />}
      {writingUp(it) && unsent.value[id] && (
        <div class="asked private unsent"><p><strong>{t("unsent.title")}</strong></p><p class="bubble-words" dir="auto">{unsent.value[id]}</p></div>
      )}
      {writingUp(it) ? <WrapUp key={id} contact={it} /> : text ? mayWrite(it) ? <Composer key={id} contact={it} leave={() => putAway(id)} /> : <p class="note">{t("joining.not_yet")}</p> : <CallPane contact={it} />}
    </section>
  );
}
