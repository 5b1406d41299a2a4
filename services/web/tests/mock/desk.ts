// The desk's side of the mock: one counselor's state behind any number of windows, with a lease, places to resume from and a memory of
// request ids, so that the same id twice does the thing once. Commands are in deeds.ts.
import type { WebSocket } from "ws";
import type { DeskContact, DeskFrame, DeskMessage, DeskOffer, DeskPeer, DeskSay, DeskSelf } from "../../app/wire.ts";
import { networkNow } from "./clock.ts";
import { deeds, type Refusal } from "./deeds.ts";
import { NAMES } from "./place.ts";

type Delta = Partial<Omit<Extract<DeskFrame, { type: "delta" }>, "type" | "at_ms" | "epoch" | "seq">>;
const KEPT = 500;

export class DeskMock {
  self: DeskSelf = {
    presence: "connected", readiness: "break", channels: [], readiness_next: null, session: 1, help: null, kind: "counselor", name: "Sam K.",
    reachable_by_voice: true, may_take: ["voice", "text"],
  };
  offers: DeskOffer[] = [];
  contacts: DeskContact[] = [];
  peers: DeskPeer[] = [];
  drafts: Record<string, string> = {};
  lease: WebSocket | null = null;
  silent = false;
  /** Takes the next message to a person and breaks the socket before that is answered. */
  cutBeforeAnswer = false;
  /** Answers so many commands "unavailable" first, without doing them. */
  unavailable = 0;
  /** What is refused, whoever says it. */
  refused = new Set<DeskSay["say"]>();
  /** How long a window that says it did not ring leaves the lease to the one that did. */
  leaseGraceMs = 4_000;
  /** How long whoever hands over stays after this desk has said "I have them". */
  otherStaysMs = 120;
  /** Everything a desk said, beats aside. */
  said: DeskSay[] = [];
  beats = 0;
  beatAt = 0;
  messagesTaken = 0;
  private epoch = 1;
  private seq = 100;
  private kept: { seq: number; frame: DeskFrame }[] = [];
  private sockets = new Set<WebSocket>();
  private answered = new Map<string, Refusal | null>();
  private beating: ReturnType<typeof setInterval>;
  private timers = new Set<ReturnType<typeof setTimeout>>();

  constructor() {
    this.beating = setInterval(() => this.tell({ type: "beat", at_ms: networkNow(), router_ms: 100 }), 1_000);
  }

  stop(): void {
    clearInterval(this.beating);
    for (const it of this.timers) clearTimeout(it);
  }

  later(ms: number, run: () => void): void {
    const timer = setTimeout(() => { this.timers.delete(timer); run(); }, ms);
    this.timers.add(timer);
  }

  open(socket: WebSocket): void {
    socket.on("message", (data) => this.hear(socket, JSON.parse(String(data)) as DeskSay));
    socket.on("close", () => {
      this.sockets.delete(socket);
      if (this.lease === socket) this.lease = null;
    });
  }

  /** Whether nobody could resume any more: a server that started anew. */
  restart(): void {
    this.epoch += 1;
    this.kept = [];
  }

  push(delta: Delta): void {
    if (delta.self) this.self = delta.self;
    for (const it of delta.offers ?? []) this.offers = [...this.offers.filter((one) => one.offer_id !== it.offer_id), ...(it.state === "open" ? [it] : [])];
    for (const it of delta.contacts ?? []) {
      const before = this.contacts.find((one) => one.contact_id === it.contact_id);
      const rest = this.contacts.filter((one) => one.contact_id !== it.contact_id);
      if (!it.yours) delete this.drafts[it.contact_id];
      this.contacts = it.yours ? [...rest, { ...it, messages: before?.messages ?? it.messages }] : rest;
    }
    for (const it of delta.messages ?? []) {
      const contact = this.contacts.find((one) => one.contact_id === it.contact_id);
      if (contact) contact.messages = [...contact.messages.filter((one) => one.number !== it.number), it];
    }
    if (delta.peers) this.peers = [...this.peers.filter((it) => !delta.peers?.some((one) => one.counselor_id === it.counselor_id)), ...delta.peers];
    this.seq += 1;
    const frame: DeskFrame = {
      type: "delta", at_ms: networkNow(), epoch: this.epoch, seq: this.seq, self: delta.self ?? null, offers: delta.offers ?? [],
      contacts: (delta.contacts ?? []).map((it) => structuredClone(it)), messages: structuredClone(delta.messages ?? []), peers: delta.peers ?? [],
    };
    this.kept = [...this.kept, { seq: this.seq, frame }].slice(-KEPT);
    this.tell(frame);
  }

  contact(id: string): DeskContact | undefined {
    return this.contacts.find((it) => it.contact_id === id);
  }

  change(id: string, change: Partial<DeskContact>): void {
    const it = this.contact(id);
    if (it) this.push({ contacts: [{ ...it, ...change, messages: [] }] });
  }

  addMessage(id: string, message: Partial<DeskMessage> & { words: string }): DeskMessage | null {
    const it = this.contact(id);
    if (!it) return null;
    const made: DeskMessage = {
      contact_id: id, number: it.messages.length + 1, author: "person", author_id: "", at_ms: networkNow(), delivery: null, code: "", opt_out: null, request_id: "", media: 0, ...message,
    };
    it.messages_total += 1;
    this.push({ messages: [made] });
    return made;
  }

  end(reason: string, message = ""): void {
    this.tell({ type: "end", reason, message });
  }

  private hear(socket: WebSocket, it: DeskSay): void {
    if (it.say === "beat") {
      this.beats += 1;
      this.beatAt = Date.now();
      return;
    }
    this.said.push(it);
    if (it.say === "sign_in") return this.signIn(socket, it);
    if (it.say === "take") {
      this.give(socket);
      return this.answer(socket, it.request_id, null);
    }
    if (this.unavailable > 0) {
      this.unavailable -= 1;
      return this.tell({ type: "answer", request_id: it.request_id, code: "unavailable", reason: "UNAVAILABLE", message: "" }, socket);
    }
    const known = this.answered.get(it.request_id);
    const refusal = known !== undefined ? known : this.refused.has(it.say) ? { reason: "WRONG_STATE", message: "" } : deeds(this, it);
    this.answered.set(it.request_id, refusal);
    if (this.cutBeforeAnswer && it.say === "send_text") {
      this.cutBeforeAnswer = false;
      return socket.terminate();
    }
    this.answer(socket, it.request_id, refusal);
  }

  private answer(socket: WebSocket, request_id: string, refusal: Refusal | null): void {
    this.tell({ type: "answer", request_id, code: refusal ? "refused" : "ok", reason: refusal?.reason ?? "", message: refusal?.message ?? "" }, socket);
  }

  private signIn(socket: WebSocket, it: Extract<DeskSay, { say: "sign_in" }>): void {
    if (it.take || (!this.lease && !it.quiet)) {
      if (this.lease && it.take) this.tell({ type: "lease", held: false }, this.lease);
      this.lease = socket;
    } else if (!this.lease) this.later(this.leaseGraceMs, () => { if (!this.lease && this.sockets.has(socket)) this.give(socket); });
    if (it.audio_address) this.self = { ...this.self, reachable_by_voice: true };
    this.sockets.add(socket);
    this.tell({
      type: "hello", me: { name: "sam", role: this.self.kind }, lease: this.lease === socket, session: this.self.session, build: "b1", at_ms: networkNow(), names: NAMES,
      texts: { words_bytes_max: 1_600, note_bytes_max: 8_000, draft_bytes_max: 8_000 },
    }, socket);
    const from = it.from;
    const after = from && from.epoch === this.epoch ? this.kept.filter((one) => one.seq > from.seq) : null;
    const whole = after && (after.length === this.seq - (from?.seq ?? 0));
    if (after && whole) for (const one of after) this.tell(one.frame, socket);
    else this.snapshot(socket);
  }

  private give(socket: WebSocket): void {
    if (this.lease && this.lease !== socket) this.tell({ type: "lease", held: false }, this.lease);
    this.lease = socket;
    this.tell({ type: "lease", held: true }, socket);
  }

  private snapshot(socket: WebSocket): void {
    this.tell({
      type: "snapshot", at_ms: networkNow(), epoch: this.epoch, seq: this.seq, self: this.self, offers: this.offers, contacts: this.contacts, peers: this.peers, drafts: this.drafts,
    }, socket);
  }

  private tell(frame: DeskFrame, to?: WebSocket): void {
    if (this.silent) return;
    const bytes = JSON.stringify(frame);
    for (const it of to ? [to] : this.sockets) it.send(bytes);
  }
}
