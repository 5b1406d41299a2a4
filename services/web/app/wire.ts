// The wire between the browser and the desk and dashboard services: JSON over one WebSocket per tab. What stands here is the
// contract; the Rust side writes exactly this. Times are the router's network milliseconds unless a name says otherwise.

export type Channel = "voice" | "text" | "chat";
export type Role = "counselor" | "peer" | "supervisor" | "operator" | "administrator";
export type Readiness = "available" | "available_for" | "break" | "training" | "check_in" | "debrief";
export type Presence = "connected" | "unsure" | "offline";
export type ContactState = "arriving" | "waiting" | "offered" | "connecting" | "connected" | "wrapping_up" | "closed";
export type OfferState = "open" | "accepted" | "declined" | "expired" | "rescinded";
export type LegState = "planned" | "dialing" | "in_doubt" | "alerting" | "answered" | "in_room" | "ended" | "failed";
export type Delivery = "queued" | "in_doubt" | "sent" | "delivered" | "failed";
export type Author = "person" | "line" | "counselor" | "peer";
export type Acuity = "routine" | "high";
export type OptOut = "stop" | "start" | "help" | "maybe_stop";
export type Part = "owner" | "joining" | "leaving" | "writing_up";
export type Outcome = "completed" | "abandoned" | "diverted" | "merged";
export type HandoffState =
  | "consenting" | "seeking" | "briefing" | "joining" | "together" | "confirmed" | "completed" | "cancelled" | "returned";
export type HelpLevel = "question" | "join" | "emergency";

/** Region, need and channel, by the plan's ids. */
export interface QueueKey { region: string; need: string; channel: Channel }

/** Who the server says is signed in. Also in the page, as JSON in `<script type="application/json" id="boot">`. */
export interface Me { name: string; role: Role }

/** What every page carries: who, which build, and what may be opened from here. */
export interface Boot { me: Me; build: string; demo: boolean; desk: boolean; board: boolean }

// ---- The desk: GET /ui/v1/desk ---------------------------------------------------------------------------------------------

/** A request for help that is open. */
export interface Help { level: HelpLevel; contact_id: string; asked_at_ms: number; answered_by: string; answered_at_ms: number }

export interface DeskSelf {
  presence: Presence; readiness: Readiness; channels: Channel[]; readiness_next: Readiness | null; session: number;
  help: Help | null; kind: "counselor" | "peer"; name: string; reachable_by_voice: boolean; may_take: Channel[];
}

export interface DeskOffer {
  offer_id: string; contact_id: string; state: OfferState; queue: QueueKey | null; language: string; deadline_ms: number;
  waited_ms: number; reason: string; handoff: boolean; from_id: string; acuity: Acuity; returning: boolean; outbound: boolean;
}

export interface DeskMessage {
  contact_id: string; number: number; author: Author; author_id: string; words: string; at_ms: number;
  delivery: Delivery | null; code: string; opt_out: OptOut | null; request_id: string; media: number;
}

export interface HandoffView {
  number: number; state: HandoffState; from_id: string; to_id: string; toward: "peer" | "counselor"; started_at_ms: number;
  since_ms: number; reason: string; owner_id: string;
}

export interface DeskHandoff extends HandoffView {
  note: string; deadline_ms: number; joining_leg: LegState | null; may_leave: boolean; asking_id: string;
}

export interface DeskContact {
  contact_id: string; state: ContactState; queue: QueueKey | null; language: string; person_leg: LegState | null;
  counselor_leg: LegState | null; held: boolean; wrap_up_ends_at_ms: number; notes: string[]; outcome: Outcome | null;
  yours: boolean; part: Part | null; messages: DeskMessage[]; messages_total: number; acuity: Acuity; opted_out: boolean;
  handoff: DeskHandoff | null; connected_at_ms: number; arrived_at_ms: number; unanswered_since_ms: number;
  outbound: boolean; write_by_ms: number;
}

/** Somebody a contact could be handed to. */
export interface DeskPeer {
  counselor_id: string; name: string; kind: "counselor" | "peer"; peer_types: string[]; skills: string[];
  languages: string[]; presence: Presence; readiness: Readiness; channels: Channel[]; free: Channel[];
}

/** Where the tab stands; say it when reconnecting, and nothing is lost or repeated. */
export interface Place { epoch: number; seq: number }

export type DeskFrame =
  /** Always first. `lease` false: another window of this person rings and speaks; this one only says so, and may `take`. */
  | { type: "hello"; me: Me; lease: boolean; session: number; build: string; at_ms: number; names: Names; texts: DeskTexts }
  /** The lease moved. False: another window took it, and this one goes quiet at once. */
  | { type: "lease"; held: boolean }
  | ({ type: "snapshot"; at_ms: number; self: DeskSelf; offers: DeskOffer[]; contacts: DeskContact[]; peers: DeskPeer[];
       drafts: Record<string, string> } & Place)
  | ({ type: "delta"; at_ms: number; self: DeskSelf | null; offers: DeskOffer[]; contacts: DeskContact[];
       messages: DeskMessage[]; peers: DeskPeer[] } & Place)
  /** Every second, also when nothing happens. `router_ms`: how long the router has been silent towards the desk service. */
  | { type: "beat"; at_ms: number; router_ms: number }
  /** What became of a command. `code` "ok", "refused", "unavailable" (not confirmed: send the same request id again). */
  | { type: "answer"; request_id: string; code: "ok" | "refused" | "unavailable"; reason: string; message: string }
  /** The last frame of a socket that the server ends, and why: signed_off, superseded, restarting, desks_full, windows_full, access_ended,
   *  unknown_counselor, refused. */
  | { type: "end"; reason: string; message: string }
  | Later;

/** The only frame of a socket that came when too many did: come back after so long, drawn by lot. The socket closes. */
export interface Later { type: "later"; retry_ms: number }

/** Screen names of the plan's ids; an id that is not there is shown as it is. */
export interface Names { regions: Record<string, string>; needs: Record<string, string>; centers: Record<string, string> }

/** Bounds and defaults of this desk. */
export interface DeskTexts { words_bytes_max: number; note_bytes_max: number; draft_bytes_max: number }

/** What a desk says. Each carries a UUID: the same id again changes nothing and is answered the same. */
export type DeskSay = { request_id: string } & (
  /** Always first; `audio_address` "" keeps what was given. `take` true takes the lease from another window. `quiet` true: this window
      knows that it did not have the lease before a cut, and the one that had it may come back first. `has_contact` true: whoever comes
      back was with somebody, and is let in first when many come at once. */
  | { say: "sign_in"; audio_address: string; from: Place | null; take: boolean; quiet?: true; has_contact?: true }
  | { say: "take" }
  | { say: "beat" }
  | { say: "set_readiness"; readiness: Readiness; channels: Channel[] }
  | { say: "accept_offer"; offer_id: string }
  | { say: "decline_offer"; offer_id: string }
  | { say: "hold_person"; contact_id: string; on: boolean }
  | { say: "end_contact"; contact_id: string }
  | { say: "give_back"; contact_id: string }
  | { say: "finish_wrap_up"; contact_id: string }
  | { say: "extend_wrap_up"; contact_id: string }
  | { say: "write_note"; contact_id: string; words: string }
  | { say: "send_text"; contact_id: string; words: string }
  | { say: "save_draft"; contact_id: string; words: string }
  | { say: "start_handoff"; contact_id: string; toward: "peer" | "counselor"; peer_type: string; skills: string[]; wanted_id: string }
  | { say: "record_consent"; contact_id: string; given: boolean; note: string }
  | { say: "join_handoff"; contact_id: string }
  | { say: "confirm_handoff"; contact_id: string }
  | { say: "leave_handoff"; contact_id: string }
  | { say: "cancel_handoff"; contact_id: string }
  | { say: "ask_help"; contact_id: string; level: HelpLevel }
  | { say: "end_help" }
  | { say: "sign_off" }
);

// ---- The board: GET /ui/v1/board -------------------------------------------------------------------------------------------

export type Severity = "ok" | "watch" | "act";

/** A part of a whole; 0 of 0 is shown as a dash, never as 0 % or 100 %. */
export interface Share { part: number; whole: number }

export interface Tiles {
  waiting: { value: number; severity: Severity };
  longest_wait: { since_ms: number; target_ms: number; severity: Severity };
  /** `sl` counts people who still wait beyond T, `sl_finished` only those who do not. */
  answered: { sl: Share; sl_finished: Share; within_s: number; target_percent: number; severity: Severity };
  left: { share: Share; short: number; severity: Severity };
  counselors: { free: number; on_contact: number; wrapping_up: number; away: number; unsure: number; severity: Severity };
  centers: { taking: number; all: number; severity: Severity };
  /** Peers on shift and free, and handoffs under way. */
  peers: { free: number; on_contact: number; handoffs: number };
}

export interface QueueRow {
  /** Stable: "region/need/channel". */
  key: string; queue: QueueKey; severity: Severity; waiting: number;
  /** Arrival of whoever waits longest; 0 when nobody waits. The page counts on from here. */
  longest_since_ms: number;
  sl: Share; sl_finished: Share; left: Share; left_short: number; free: number; on_contact: number;
}

export interface CenterRow {
  center: string; name: string; state: "taking" | "silent" | "closed"; free: number; on_contact: number; wrapping_up: number;
  away: number; unsure: number;
}

/** Something that calls for a decision now. `since_ms`: when it began. */
export interface Decision { id: string; kind: "longest_wait" | "sl" | "left" | "no_one_free" | "center_silent" | "help" | "text_unanswered" | "handoff_stuck";
  severity: Severity; subject: string; since_ms: number; value: number; who: string; contact_id: string; acknowledged_by: string }

/** One point a minute, newest last, 60 at most. */
export interface Lines { minute_ms: number[]; arrived: number[]; waiting: number[]; answered: Share[] }

export interface Today { arrived: number; answered: number; left: number; since_ms: number; zone: string;
  handoffs: { started: number; completed: number; returned: number; cancelled: number };
  wait_ms: { mean: number | null; p50: number | null; p90: number | null; p99: number | null } }

export type BoardFrame =
  | { type: "hello"; me: Me; build: string; demo: boolean; names: Names }
  /** Everything; replaces what the tab had. */
  | ({ type: "snapshot"; at_ms: number; network: string; tiles: Tiles; queues: QueueRow[]; queues_total: number; centers: CenterRow[];
       decisions: Decision[]; lines: Lines; today: Today; incomplete: boolean } & Place)
  /** Only what changed since the frame with `seq - 1`; rows are whole. A gap in `seq`: ask for a snapshot. */
  | ({ type: "delta"; at_ms: number; tiles?: Tiles; queues?: QueueRow[]; gone?: string[]; order?: string[]; queues_total?: number;
       centers?: CenterRow[]; decisions?: Decision[]; lines?: Lines; today?: Today } & Place)
  /** Each second, also when nothing changed. `router_ms`: how old the router's last word is; the page's age adds its own. `frame_ms`: how far
   *  apart frames come now, at the least: further when the router is pressed. What calls for somebody at once comes between them. */
  | { type: "beat"; seq: number; at_ms: number; router_ms: number; frame_ms: number }
  | Later
  | { type: "answer"; request_id: string; code: "ok" | "refused"; reason: string; message: string };

export type BoardSay = { request_id: string } & (
  | { say: "resync" }
  | { say: "all_rows"; on: boolean }
  /** Supervisors, operators and administrators. */
  | { say: "acknowledge"; decision: string }
  /** Supervisors: answer a request for help. */
  | { say: "answer_help"; counselor_id: string }
);
