// A call: where both phones are, in words; hold, end, give back. The counselor's audio is a phone, and so is its mute button. How long
// the call is stands there plainly, without a target: people are worth the time they take.
import { useComputed } from "@preact/signals";
import { now } from "../line/clock.ts";
import { Kbd } from "../shell/parts.tsx";
import { span } from "../words/spans.ts";
import { t, type Key } from "../words/words.ts";
import type { DeskContact, LegState } from "../wire.ts";
import { NoteBox } from "./NoteBox.tsx";

const PHONE: Record<LegState, Key> = {
  planned: "phone.planned", dialing: "phone.dialing", in_doubt: "phone.in_doubt", alerting: "phone.alerting", answered: "phone.answered",
  in_room: "phone.in_room", ended: "phone.ended", failed: "phone.failed",
};

function Leg({ name, state, held }: { name: string; state: LegState | null; held?: boolean }) {
  const words = held ? t("phone.held") : state ? t(PHONE[state]) : t("phone.none");
  return (
    <li class={`leg ${state ?? "none"}`}>
      <span class="mark" aria-hidden="true">{state === "in_room" || state === "answered" ? "●" : state === "failed" || state === "ended" ? "◆" : "○"}</span>
      <span class="leg-name">{name}</span><strong>{words}</strong>
    </li>
  );
}

/** What is so, and what comes next. */
function whatNow(it: DeskContact): Key {
  if (it.state === "connecting") {
    if (it.counselor_leg === "alerting") return "call.pick_up";
    return it.outbound ? "call.calling_back" : "call.dialing";
  }
  if (it.held) return "call.held";
  return "call.together";
}

export function CallPane({ contact }: { contact: DeskContact }) {
  const spent = useComputed(() => (contact.connected_at_ms ? span(now.value - contact.connected_at_ms) : ""));
  const handoff = contact.handoff;
  return (
    <div class="call">
      <div class="call-now">
        <p class="call-words" role="status">{t(whatNow(contact))}</p>
        {contact.connected_at_ms > 0 && <p class="note">{t("call.since")} <span role="timer" aria-live="off">{spent}</span></p>}
        <ul class="plain legs">
          <Leg name={t("leg.person")} state={contact.person_leg} held={contact.held} />
          <Leg name={t("leg.you")} state={contact.counselor_leg} />
          {handoff?.joining_leg && <Leg name={t("leg.other")} state={handoff.joining_leg} />}
        </ul>
        <p class="note">{t("call.safe")}</p>
        <p class="note">{t("call.keys")} <Kbd of="hold" /></p>
      </div>
      <NoteBox contact={contact} />
    </div>
  );
}
