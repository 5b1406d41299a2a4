// The desk as this tab knows it, folded from snapshots and deltas. The server owns every state here that protects a person: nothing in
// this file decides, and nothing is shown as done before the server said so.
import { batch, computed, signal } from "@preact/signals";
import { boot } from "../boot.ts";
import type { DeskContact, DeskFrame, DeskHandoff, DeskMessage, DeskOffer, DeskPeer, DeskSelf, DeskTexts, HandoffState, Me, Names } from "../wire.ts";

export const me = signal<Me>(boot.me);
export const names = signal<Names>({ regions: {}, needs: {}, centers: {} });
export const texts = signal<DeskTexts>({ words_bytes_max: 1_600, note_bytes_max: 8_000, draft_bytes_max: 8_000 });
/** Whether this window is the one that rings and speaks; null before the server said. */
export const lease = signal<boolean | null>(null);
export const self = signal<DeskSelf | null>(null);
export const offers = signal<DeskOffer[]>([]);
export const contacts = signal<DeskContact[]>([]);
export const peers = signal<DeskPeer[]>([]);
/** Drafts the server has kept, by contact. */
export const drafts = signal<Record<string, string>>({});
/** Messages of the person that nobody has had before their eyes here, by contact. */
export const unread = signal<Record<string, number>>({});
/** Which conversation is open. */
export const openId = signal("");
/** Why the socket was ended by the server, if it was and should not be opened again. */
export const ended = signal<{ reason: string; message: string } | null>(null);

export const openContact = computed(() => contacts.value.find((it) => it.contact_id === openId.value) ?? null);
export const openOffers = computed(() => offers.value.filter((it) => it.state === "open"));
export const peerName = (id: string): string => peers.value.find((it) => it.counselor_id === id)?.name || id;

/** Whether it is over for this desk and only the note is left; in a handoff that was left, the person goes on with somebody else. */
export const writingUp = (it: DeskContact): boolean => it.state === "wrapping_up" || it.part === "writing_up";
/** Whether this desk may write to the person: not any more in a write-up, and not yet while the note of a handoff is read. */
export const mayWrite = (it: DeskContact): boolean =>
  it.queue?.channel !== "voice" && !writingUp(it) && !(it.part === "joining" && it.handoff?.state === "briefing");

const OVER: HandoffState[] = ["completed", "cancelled", "returned"];
export const underWay = (it: DeskHandoff | null): it is DeskHandoff => it !== null && !OVER.includes(it.state);
/** Whether somebody is being handed over to this desk. It has them from "I have them" on, and the handoff goes on until the other one leaves. */
export const takingOver = (it: DeskContact): boolean => underWay(it.handoff) && (it.part === "joining" || it.handoff.to_id === me.value.name);

/** What happens to be interesting to others in a frame. Called after the fold. */
export interface Watcher {
  offerClosed?(offer: DeskOffer): void;
  message?(message: DeskMessage): void;
  contactGone?(contact: DeskContact, before: DeskContact | null): void;
  contactMoved?(contact: DeskContact, before: DeskContact | null): void;
  /** Everything was told anew, drafts too. */
  snapshot?(): void;
}

const watchers: Watcher[] = [];
export const watch = (it: Watcher): void => void watchers.push(it);

const MESSAGES_KEPT = 1_000;

function withMessages(contact: DeskContact, news: DeskMessage[]): DeskContact {
  if (news.length === 0) return contact;
  const by = new Map(contact.messages.map((it) => [it.number, it]));
  for (const it of news) by.set(it.number, it);
  const messages = [...by.values()].sort((a, b) => a.number - b.number).slice(-MESSAGES_KEPT);
  return { ...contact, messages };
}

/** A delta's contact comes without the messages the tab has; they are kept. */
function mergeContact(next: DeskContact, before: DeskContact | null): DeskContact {
  return before ? withMessages({ ...next, messages: before.messages }, next.messages) : next;
}

type Delta = Extract<DeskFrame, { type: "delta" }>;
type Snapshot = Extract<DeskFrame, { type: "snapshot" }>;

export function takeSnapshot(frame: Snapshot): void {
  const before = { offers: offers.value, contacts: contacts.value };
  batch(() => {
    self.value = frame.self;
    offers.value = frame.offers;
    contacts.value = frame.contacts.filter((it) => it.yours);
    peers.value = frame.peers;
    drafts.value = frame.drafts;
    keepOpen();
    tell("snapshot");
  });
  const open = new Set(frame.offers.map((it) => it.offer_id));
  for (const it of before.offers) if (it.state === "open" && !open.has(it.offer_id)) tell("offerClosed", { ...it, state: "rescinded", reason: "unknown" });
  for (const it of frame.contacts) for (const message of it.messages) tell("message", message);
  const here = new Set(frame.contacts.map((it) => it.contact_id));
  for (const it of before.contacts) if (!here.has(it.contact_id)) tell("contactGone", it, it);
  const was = new Map(before.contacts.map((it) => [it.contact_id, it]));
  for (const it of contacts.value) {
    const known = was.get(it.contact_id);
    if (known) tell("contactMoved", it, known);
  }
}

export function takeDelta(frame: Delta): void {
  const was = new Map(contacts.value.map((it) => [it.contact_id, it]));
  const closed = frame.offers.filter((it) => it.state !== "open");
  batch(() => {
    if (frame.self) self.value = frame.self;
    if (frame.offers.length) offers.value = upsert(offers.value, frame.offers, (it) => it.offer_id).filter((it) => it.state === "open");
    if (frame.peers.length) peers.value = upsert(peers.value, frame.peers, (it) => it.counselor_id);
    if (frame.contacts.length || frame.messages.length) {
      const moved = frame.contacts.map((it) => mergeContact(it, was.get(it.contact_id) ?? null));
      const news = new Map<string, DeskMessage[]>();
      for (const it of frame.messages) news.set(it.contact_id, [...(news.get(it.contact_id) ?? []), it]);
      contacts.value = upsert(contacts.value, moved, (it) => it.contact_id)
        .filter((it) => it.yours)
        .map((it) => withMessages(it, news.get(it.contact_id) ?? []));
    }
    keepOpen();
  });
  for (const it of closed) tell("offerClosed", it);
  for (const it of frame.messages) tell("message", it);
  for (const it of frame.contacts) {
    const before = was.get(it.contact_id) ?? null;
    tell(it.yours ? "contactMoved" : "contactGone", it, before);
  }
}

function tell<What extends keyof Watcher>(what: What, ...it: Parameters<Required<Watcher>[What]>): void {
  for (const one of watchers) (one[what] as ((...it: Parameters<Required<Watcher>[What]>) => void) | undefined)?.(...it);
}

function upsert<T>(all: T[], news: T[], id: (it: T) => string): T[] {
  const by = new Map(all.map((it) => [id(it), it]));
  for (const it of news) by.set(id(it), it);
  return [...by.values()];
}

/** A conversation stays open until it is gone; the first one opens by itself. Another never does: somebody may be writing. */
function keepOpen(): void {
  if (!contacts.value.some((it) => it.contact_id === openId.value)) openId.value = contacts.value[0]?.contact_id ?? "";
}
