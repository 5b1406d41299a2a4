// Contacts, offers and peers for the mock. All words are neutral on purpose.
import type { DeskContact, DeskMessage, DeskOffer, DeskPeer } from "../../app/wire.ts";
import { networkNow } from "./clock.ts";
import type { DeskMock } from "./desk.ts";
import { handoffOf } from "./deeds.ts";

export function contactOf(it: Partial<DeskContact>): DeskContact {
  return {
    contact_id: "c1", state: "connected", queue: { region: "west", need: "general", channel: "text" }, language: "en", person_leg: null, counselor_leg: null, held: false, wrap_up_ends_at_ms: 0,
    notes: [], outcome: null, yours: true, part: "owner", messages: [], messages_total: 0, acuity: "routine", opted_out: false, handoff: null, connected_at_ms: 0, arrived_at_ms: networkNow() - 60_000,
    unanswered_since_ms: 0, outbound: false, write_by_ms: 0, ...it,
  };
}

let made = 0;

/** An offer that is open for so long; it expires by itself, as the router lets it. */
export function offerTo(desk: DeskMock, it: Partial<DeskOffer> = {}, openMs = 20_000): DeskOffer {
  made += 1;
  const offer: DeskOffer = {
    offer_id: `o${made}`, contact_id: `oc${made}`, state: "open", queue: { region: "west", need: "youth", channel: "text" }, language: "en", deadline_ms: networkNow() + openMs, waited_ms: 31_000,
    reason: "", handoff: false, from_id: "", acuity: "routine", returning: false, outbound: false, ...it,
  };
  desk.push({ offers: [offer] });
  desk.later(openMs, () => {
    if (desk.offers.some((one) => one.offer_id === offer.offer_id)) desk.push({ offers: [{ ...offer, state: "expired" }], self: { ...desk.self, readiness: "check_in" } });
  });
  return offer;
}

export const PEERS: DeskPeer[] = [
  peer("rosa", "Rosa M.", ["youth"], ["es", "en"], ["text", "voice"]), peer("jonah", "Jonah P.", ["veteran"], ["en"], ["text", "voice"]),
  { ...peer("mei", "Mei L.", ["grief"], ["en", "zh"], []), free: [] }, { ...peer("theo", "Theo A.", ["youth"], ["en"], ["text"]), presence: "unsure" }, { ...peer("ida", "Ida S.", ["grief"], ["en"], []), readiness: "break" },
];

function peer(counselor_id: string, name: string, peer_types: string[], languages: string[], free: DeskPeer["free"]): DeskPeer {
  return { counselor_id, name, kind: "peer", peer_types, skills: [], languages, presence: "connected", readiness: "available", channels: [], free };
}

const LINES: [DeskMessage["author"], string][] = [
  ["person", "hi. not sure how this works"], ["line", "Thank you for writing. A counselor will be with you. Would you tell us your age group? You can skip this."],
  ["person", "skip"], ["counselor", "Hi, I'm Sam. I'm glad you wrote. There is no wrong way to do this: what is on your mind tonight?"],
  ["person", "long week. exams and my roommate moved out, it's quiet here now"], ["counselor", "That is a lot of change in one week, and the quiet can feel loud. What was the evening like before you wrote?"],
  ["person", "made tea and then let it go cold. kept thinking about monday"],
];

export function conversation(contact_id: string): DeskMessage[] {
  const start = networkNow() - LINES.length * 70_000;
  return LINES.map(([author, words], at) => ({
    contact_id, number: at + 1, author, author_id: author === "counselor" ? "sam" : "", words, at_ms: start + at * 70_000, delivery: author === "person" ? null : "delivered", code: "", opt_out: null,
    request_id: author === "counselor" ? `sent-${at}` : "", media: 0,
  }));
}

/** A desk in the middle of an evening: a long text, a call that waits its turn in the list, peers on shift. */
export function makeBusyDesk(desk: DeskMock): void {
  const now = networkNow();
  desk.self = { ...desk.self, readiness: "available" };
  desk.peers = PEERS;
  desk.contacts = [
    contactOf({ contact_id: "c1", messages: conversation("c1"), messages_total: LINES.length, connected_at_ms: now - 400_000, arrived_at_ms: now - 480_000, unanswered_since_ms: now - 48_000, notes: ["Student, exams on Monday. Talks easily about music."] }),
    contactOf({ contact_id: "c2", queue: { region: "south", need: "grief", channel: "text" }, language: "es", acuity: "high", messages: conversation("c2").slice(0, 4), messages_total: 4, connected_at_ms: now - 900_000, arrived_at_ms: now - 1_000_000 }),
  ];
}

/** A desk that is free: nobody is there yet. */
export function makeFreeDesk(desk: DeskMock): void {
  desk.self = { ...desk.self, readiness: "available" };
}

export const handoffInBriefing = () => handoffOf({ state: "briefing", to_id: "rosa", note: "Exams, a quiet flat. Would like to hear how somebody else got through a year like this." });
