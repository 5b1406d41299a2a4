// Handing a person over warmly, from the side of whoever has them. Every step is the server's; this pane says which one it is, what to
// say meanwhile, and keeps "Leave" shut, with the reason, until the other side has said that they have the person.
import { signal, useComputed } from "@preact/signals";
import { now } from "../line/clock.ts";
import { useRescue } from "../shell/focus.ts";
import { span } from "../words/spans.ts";
import { t, type Key } from "../words/words.ts";
import type { DeskContact, DeskHandoff, HandoffState } from "../wire.ts";
import { isBusy, ready } from "./line.ts";
import { does } from "./say.ts";
import { me, peerName, self, underWay } from "./store.ts";
import { AskWhom } from "./AskWhom.tsx";

export const handoffOpen = signal(false);
/** What the person agreed to share, while it is written, by contact. */
const shared = signal<Record<string, string>>({});

type Step = "consent" | "ask" | "read" | "together" | "confirm" | "leave";
const STEPS: Step[] = ["consent", "ask", "read", "together", "confirm", "leave"];
const AT: Partial<Record<HandoffState, Step>> = {
  consenting: "consent", seeking: "ask", briefing: "read", joining: "together", together: "confirm", confirmed: "leave",
};

export function Steps({ at }: { at: HandoffState | null }) {
  const here = at ? STEPS.indexOf(AT[at] ?? "consent") : -1;
  return (
    <ol class="steps" aria-label={t("handoff.steps")}>
      {STEPS.map((step, index) => (
        <li key={step} class={index < here ? "done" : index === here ? "here" : ""} aria-current={index === here ? "step" : undefined}>
          <span>{t(`handoff.step.${step}`)}</span>{index < here && <span class="sr"> {t("handoff.done")}</span>}
        </li>
      ))}
    </ol>
  );
}

/** What is happening, in one sentence. */
function sentence(it: DeskHandoff): string {
  const name = peerName(it.to_id || it.asking_id) || t("handoff.somebody");
  switch (it.state) {
    case "consenting":
      return t(it.toward === "peer" ? "handoff.say_peer" : "handoff.say_counselor");
    case "seeking":
      return it.asking_id ? t("handoff.asking", { name }) : t("handoff.seeking");
    case "briefing":
      return t("handoff.reading", { name });
    case "joining":
      return t(it.joining_leg === "alerting" ? "handoff.ringing" : "handoff.joining", { name });
    case "together":
      return t("handoff.together", { name });
    case "confirmed":
      return t("handoff.confirmed", { name });
    default:
      return "";
  }
}

const RETURNED: Record<string, Key> = {
  consent_timed_out: "returned.consent_timed_out", nobody_free: "returned.nobody_free", peer_silent: "returned.peer_silent", leg_failed: "returned.leg_failed",
  leg_lost: "returned.leg_lost", desk_lost: "returned.desk_lost", not_confirmed: "returned.not_confirmed", withdrew: "returned.withdrew",
  person_left: "returned.person_left", owner_lost: "returned.owner_lost", plan_changed: "returned.plan_changed",
};

export function handoffOutcome(it: DeskHandoff): string {
  if (it.state === "completed") return t("handoff.completed", { name: peerName(it.to_id) });
  if (it.state === "cancelled") return t("handoff.cancelled");
  const reason = RETURNED[it.reason];
  return reason ? t(reason) : t("returned.other");
}

function Consent({ contact }: { contact: DeskContact }) {
  const id = contact.contact_id;
  const note = shared.value[id] ?? "";
  const answer = (given: boolean) => void does({ say: "record_consent", contact_id: id, given, note: given ? note.trim() : "" });
  const busy = isBusy("record_consent", id);
  return (
    <div class="private">
      <label for="handoff-note">{t("handoff.note")}</label>
      <textarea id="handoff-note" rows={4} value={note} dir="auto" aria-describedby="handoff-note-why" onInput={(event) => (shared.value = { ...shared.value, [id]: event.currentTarget.value })} />
      <p id="handoff-note-why" class="note">{t("handoff.note_why")}</p>
      <p class="row-actions">
        <button type="button" class="primary" disabled={busy || !ready.value} onClick={() => answer(true)}>{t("handoff.agree")}</button>
        <button type="button" disabled={busy || !ready.value} onClick={() => answer(false)}>{t("handoff.rather_not")}</button>
      </p>
    </div>
  );
}

function UnderWay({ contact, it }: { contact: DeskContact; it: DeskHandoff }) {
  const id = contact.contact_id;
  const since = useComputed(() => span(now.value - it.since_ms));
  const why = it.may_leave ? "" : t(it.state === "confirmed" ? "handoff.leave_not_two_way" : "handoff.leave_not_yet");
  return (
    <>
      <p class="handoff-now" role="status">{sentence(it)}</p>
      <p class="note">{t("handoff.since")} <span role="timer" aria-live="off">{since}</span> · {t("handoff.owner_you")}</p>
      <Steps at={it.state} />
      {it.state === "consenting" && <Consent contact={contact} />}
      {it.note && <blockquote class="private" dir="auto">{it.note}</blockquote>}
      <p class="row-actions">
        <button type="button" class={it.may_leave ? "primary" : ""} disabled={!it.may_leave || isBusy("leave_handoff", id)} aria-describedby="leave-why"
          onClick={() => void does({ say: "leave_handoff", contact_id: id })}>{t("handoff.leave")}</button>
        <button type="button" disabled={isBusy("cancel_handoff", id)} onClick={() => void does({ say: "cancel_handoff", contact_id: id })}>{t("handoff.cancel")}</button>
      </p>
      <p id="leave-why" class="note">{why}</p>
    </>
  );
}

export function Handoff({ contact }: { contact: DeskContact }) {
  const it = contact.handoff;
  const back = self.value?.kind === "peer";
  // Whoever took over was there, and needs no word of it.
  const told = it && it.to_id !== me.value.name ? handoffOutcome(it) : "";
  const going = underWay(it);
  useRescue(it?.state, "#handoff");
  return (
    <section class="card handoff" aria-labelledby="handoff">
      <div class="card-head"><h2 id="handoff" tabIndex={-1}>{t(back ? "handoff.title_back" : "handoff.title")}</h2>
        {!going && <button type="button" class="small quiet" onClick={() => (handoffOpen.value = false)}>{t("close")}</button>}
      </div>
      {going
        ? <UnderWay contact={contact} it={it} />
        : <>
            {told && <p class="told" role="status">{told}</p>}
            <AskWhom contact={contact} toward={back ? "counselor" : "peer"} />
          </>}
    </section>
  );
}
