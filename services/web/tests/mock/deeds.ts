// What the mock does about a desk's commands: the shortest honest version of what the router does, at the pace of a test.
import type { DeskHandoff, DeskSay } from "../../app/wire.ts";
import { networkNow } from "./clock.ts";
import type { DeskMock } from "./desk.ts";
import { contactOf } from "./people.ts";

export interface Refusal { reason: string; message: string }

/** How soon a carrier or a colleague does the next thing. */
const SOON_MS = 120;

export function deeds(desk: DeskMock, it: DeskSay): Refusal | null {
  switch (it.say) {
    case "set_readiness": {
      const held = desk.contacts.some((one) => one.state !== "closed");
      const free = it.readiness === "available" || it.readiness === "available_for";
      desk.push({ self: held && !free ? { ...desk.self, readiness_next: it.readiness } : { ...desk.self, readiness: it.readiness, channels: it.channels, readiness_next: null } });
      return null;
    }
    case "accept_offer":
      return accept(desk, it.offer_id);
    case "decline_offer": {
      const offer = desk.offers.find((one) => one.offer_id === it.offer_id);
      if (!offer) return { reason: "OFFER_NOT_OPEN", message: "" };
      desk.push({ offers: [{ ...offer, state: "declined" }] });
      return null;
    }
    case "send_text": {
      const contact = desk.contact(it.contact_id);
      if (!contact) return { reason: "NOT_YOURS", message: "This contact is not yours." };
      desk.messagesTaken += 1;
      const message = desk.addMessage(it.contact_id, { words: it.words, author: "counselor", author_id: "sam", delivery: "queued", request_id: it.request_id });
      if (contact.state === "connecting") desk.change(it.contact_id, { state: "connected", connected_at_ms: networkNow() });
      desk.change(it.contact_id, { unanswered_since_ms: 0 });
      if (message) {
        desk.later(SOON_MS, () => desk.push({ messages: [{ ...message, delivery: "sent" }] }));
        desk.later(2 * SOON_MS, () => desk.push({ messages: [{ ...message, delivery: "delivered" }] }));
      }
      return null;
    }
    case "save_draft":
      desk.drafts[it.contact_id] = it.words;
      return null;
    case "write_note":
      desk.change(it.contact_id, { notes: [...(desk.contact(it.contact_id)?.notes ?? []), it.words] });
      return null;
    case "hold_person":
      desk.change(it.contact_id, { held: it.on });
      return null;
    case "end_contact":
      desk.change(it.contact_id, { state: "wrapping_up", part: "writing_up", outcome: "completed", wrap_up_ends_at_ms: networkNow() + 120_000 });
      return null;
    case "extend_wrap_up":
      desk.change(it.contact_id, { wrap_up_ends_at_ms: (desk.contact(it.contact_id)?.wrap_up_ends_at_ms ?? 0) + 120_000 });
      return null;
    case "finish_wrap_up":
    case "give_back": {
      desk.change(it.contact_id, { state: "closed", yours: false });
      if (desk.self.readiness_next) desk.push({ self: { ...desk.self, readiness: desk.self.readiness_next, readiness_next: null } });
      return null;
    }
    case "ask_help":
      desk.push({ self: { ...desk.self, help: { level: it.level, contact_id: it.contact_id, asked_at_ms: networkNow(), answered_by: "", answered_at_ms: 0 } } });
      return null;
    case "end_help":
      desk.push({ self: { ...desk.self, help: null } });
      return null;
    case "sign_off":
      desk.later(0, () => desk.end("signed_off"));
      return null;
    case "start_handoff":
    case "record_consent":
    case "join_handoff":
    case "confirm_handoff":
    case "leave_handoff":
    case "cancel_handoff":
      return handoff(desk, it);
    default:
      return { reason: "UNKNOWN", message: "" };
  }
}

function accept(desk: DeskMock, id: string): Refusal | null {
  const offer = desk.offers.find((one) => one.offer_id === id);
  if (!offer || offer.deadline_ms < networkNow()) return { reason: "OFFER_NOT_OPEN", message: "" };
  const voice = offer.queue?.channel === "voice";
  const contact = contactOf({
    contact_id: offer.contact_id, queue: offer.queue, language: offer.language, state: offer.handoff ? "connected" : "connecting", part: offer.handoff ? "joining" : "owner", acuity: offer.acuity,
    person_leg: voice ? "in_room" : null, counselor_leg: voice ? "dialing" : null,
    handoff: offer.handoff ? handoffOf({ state: "briefing", from_id: offer.from_id, to_id: "sam", note: "Prefers short messages. Likes drawing." }) : null,
  });
  desk.push({ offers: [{ ...offer, state: "accepted" }], contacts: [contact] });
  if (voice && !offer.handoff) {
    desk.later(SOON_MS, () => desk.change(offer.contact_id, { counselor_leg: "alerting" }));
    desk.later(4 * SOON_MS, () => desk.change(offer.contact_id, { counselor_leg: "in_room", state: "connected", connected_at_ms: networkNow() }));
  } else if (!voice && !offer.handoff) {
    // Whoever joins is told nothing before they are together.
    desk.later(SOON_MS, () => desk.addMessage(offer.contact_id, { words: "Hi, is anyone there?" }));
  }
  return null;
}

export function handoffOf(it: Partial<DeskHandoff>): DeskHandoff {
  const now = networkNow();
  return {
    number: 1, state: "consenting", from_id: "sam", to_id: "", toward: "peer", started_at_ms: now, since_ms: now, reason: "", owner_id: "sam", note: "", deadline_ms: now + 60_000,
    joining_leg: null, may_leave: false, asking_id: "", ...it,
  };
}

function handoff(desk: DeskMock, it: Extract<DeskSay, { say: "start_handoff" | "record_consent" | "join_handoff" | "confirm_handoff" | "leave_handoff" | "cancel_handoff" }>): Refusal | null {
  const id = it.contact_id;
  const set = (change: Partial<DeskHandoff>) => {
    const now = desk.contact(id)?.handoff;
    if (now) desk.change(id, { handoff: { ...now, since_ms: networkNow(), ...change } });
  };
  switch (it.say) {
    case "start_handoff":
      desk.change(id, { handoff: handoffOf({ toward: it.toward }) });
      return null;
    case "record_consent": {
      if (!it.given) {
        set({ state: "cancelled" });
        return null;
      }
      const peer = desk.peers[0]?.counselor_id ?? "";
      set({ state: "seeking", note: it.note, asking_id: peer });
      desk.later(SOON_MS, () => set({ state: "briefing", to_id: peer, asking_id: "" }));
      desk.later(3 * SOON_MS, () => set({ state: "joining", joining_leg: "alerting" }));
      desk.later(5 * SOON_MS, () => set({ state: "together", joining_leg: "in_room" }));
      desk.later(8 * SOON_MS, () => set({ state: "confirmed", owner_id: peer, may_leave: true }));
      return null;
    }
    case "join_handoff":
      set({ state: "joining" });
      desk.later(SOON_MS, () => set({ state: "together" }));
      return null;
    case "confirm_handoff":
      // From here on they are theirs; the handoff goes on until whoever hands over leaves.
      desk.change(id, { part: "owner" });
      set({ state: "confirmed", owner_id: "sam" });
      desk.later(desk.otherStaysMs, () => set({ state: "completed" }));
      return null;
    case "leave_handoff":
      if (!desk.contact(id)?.handoff?.may_leave) return { reason: "MAY_NOT_LEAVE", message: "" };
      set({ state: "completed" });
      // The contact goes on with whoever took over; only this desk writes up.
      desk.change(id, { part: "writing_up", wrap_up_ends_at_ms: networkNow() + 120_000 });
      return null;
    case "cancel_handoff":
      set({ state: "cancelled" });
      return null;
  }
}
