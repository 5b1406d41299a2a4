// The board's side of the mock: a network of queues that tests move by hand, told as snapshot, delta and beat.
import type { WebSocket } from "ws";
import type { BoardFrame, BoardSay, CenterRow, Decision, Lines, QueueRow, Tiles, Today } from "../../app/wire.ts";
import { networkNow } from "./clock.ts";
import { NAMES } from "./place.ts";

type Delta = Partial<Extract<BoardFrame, { type: "delta" }>>;

export class BoardMock {
  build = "b1";
  /** Nothing is said any more, but the socket stays: what a dead connection looks like. */
  silent = false;
  routerMs = 100;
  /** How far apart figures are said to come. */
  frameMs = 250;
  /** The next ones to open are told to come back after so long. */
  later: number[] = [];
  opened: number[] = [];
  role: "operator" | "supervisor" = "supervisor";
  queues: QueueRow[] = [];
  tiles: Tiles = quietTiles();
  centers: CenterRow[] = [];
  decisions: Decision[] = [];
  lines: Lines = { minute_ms: [], arrived: [], waiting: [], answered: [] };
  today: Today = quietToday();
  /** What is refused, and with which reason and words of the server's. */
  refused = new Map<BoardSay["say"], { reason: string; message: string }>();
  /** Hears and does nothing: no answer comes. */
  deaf = false;
  said: BoardSay[] = [];
  private epoch = 1;
  private seq = 10;
  private sockets = new Set<WebSocket>();
  private beats: ReturnType<typeof setInterval>;

  constructor() {
    this.beats = setInterval(() => this.tell({ type: "beat", seq: this.seq, at_ms: networkNow(), router_ms: this.routerMs, frame_ms: this.frameMs }), 1_000);
  }

  stop(): void {
    clearInterval(this.beats);
  }

  open(socket: WebSocket): void {
    this.opened.push(Date.now());
    const retryMs = this.later.shift();
    if (retryMs !== undefined) {
      socket.send(JSON.stringify({ type: "later", retry_ms: retryMs } satisfies BoardFrame));
      return socket.close(1013, "later");
    }
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("message", (data) => this.hear(socket, JSON.parse(String(data)) as BoardSay));
    this.tell({ type: "hello", me: { name: "ana", role: this.role }, build: this.build, demo: false, names: NAMES }, socket);
    this.snapshot(socket);
  }

  /** A change; `skip` leaves a gap in the numbers, as a lost frame would. */
  change(delta: Delta, skip = 0): void {
    this.seq += 1 + skip;
    const known = new Map(this.queues.map((it) => [it.key, it]));
    for (const it of delta.queues ?? []) known.set(it.key, it);
    for (const it of delta.gone ?? []) known.delete(it);
    this.queues = (delta.order ?? [...known.keys()]).flatMap((key) => known.get(key) ?? []);
    if (delta.tiles) this.tiles = delta.tiles;
    if (delta.decisions) this.decisions = delta.decisions;
    if (delta.centers) this.centers = delta.centers;
    this.tell({ type: "delta", at_ms: networkNow(), epoch: this.epoch, seq: this.seq, ...delta } as BoardFrame);
  }

  private snapshot(socket: WebSocket): void {
    this.tell({
      type: "snapshot", at_ms: networkNow(), epoch: this.epoch, seq: this.seq, network: "Northwind 988", tiles: this.tiles, queues: this.queues, queues_total: this.queues.length,
      centers: this.centers, decisions: this.decisions, lines: this.lines, today: this.today, incomplete: false,
    }, socket);
  }

  private hear(socket: WebSocket, it: BoardSay): void {
    this.said.push(it);
    if (this.deaf) return;
    const no = this.refused.get(it.say);
    if (no) return this.tell({ type: "answer", request_id: it.request_id, code: "refused", ...no }, socket);
    if (it.say === "resync") this.snapshot(socket);
    if (it.say === "acknowledge") this.change({ decisions: this.decisions.map((one) => (one.id === it.decision ? { ...one, acknowledged_by: "ana" } : one)) });
    if (it.say === "answer_help") this.change({ decisions: this.decisions.map((one) => (one.kind === "help" && one.who === it.counselor_id ? { ...one, acknowledged_by: "ana" } : one)) });
    this.tell({ type: "answer", request_id: it.request_id, code: "ok", reason: "", message: "" }, socket);
  }

  private tell(frame: BoardFrame, to?: WebSocket): void {
    if (this.silent) return;
    const bytes = JSON.stringify(frame);
    for (const it of to ? [to] : this.sockets) it.send(bytes);
  }
}

export function quietTiles(): Tiles {
  return {
    waiting: { value: 0, severity: "ok" }, longest_wait: { since_ms: 0, target_ms: 20_000, severity: "ok" },
    answered: { sl: { part: 0, whole: 0 }, sl_finished: { part: 0, whole: 0 }, within_s: 20, target_percent: 95, severity: "ok" },
    left: { share: { part: 0, whole: 0 }, short: 0, severity: "ok" },
    counselors: { free: 12, on_contact: 0, wrapping_up: 0, away: 3, unsure: 0, severity: "ok" },
    centers: { taking: 0, all: 0, severity: "ok" }, peers: { free: 2, on_contact: 0, handoffs: 0 },
  };
}

export function quietToday(): Today {
  return {
    arrived: 0, answered: 0, left: 0, since_ms: 0, zone: "America/Denver", handoffs: { started: 0, completed: 0, returned: 0, cancelled: 0 },
    wait_ms: { mean: null, p50: null, p90: null, p99: null },
  };
}
