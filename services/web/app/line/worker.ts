// The line to the service, in a worker of its own: one WebSocket, opened again with growing and jittered pauses, its place, the beats
// of a desk, and a clock for the page that no browser slows down. It decides nothing.
import type { Place } from "../wire.ts";
import { requestId } from "./request_id.ts";
import type { FromWorker, ToWorker } from "./speech.ts";

const BEAT_MS = 1_000;
const TICK_MS = 500;
/** Nothing heard for so long on an open socket: it is dead, whatever it says. The server beats every second. */
const SILENT_MS = 6_000;
/** A page that has not answered for so long hangs; its desk must not hold an offer. */
const PAGE_SILENT_MS = 15_000;
const PAUSE_MIN_MS = 250;
const PAUSE_MAX_MS = 8_000;
/** While it is the first tries, somebody waits in front of the screen: a line that is mended is live within two seconds. */
const EAGER_TRIES = 12;
const EAGER_PAUSE_MS = 1_400;
/** No server keeps somebody away for longer. */
const LATER_MAX_MS = 60_000;

let url = "";
let face: "desk" | "board" = "board";
let socket: WebSocket | null = null;
let place: Place | null = null;
let wanted = false;
let failures = 0;
let heardAt = 0;
let beatAt = 0;
let pageAt = performance.now();
let retry: ReturnType<typeof setTimeout> | undefined;
/** How long the server asked us to stay away; 0 if it did not. */
let laterMs = 0;

function tell(message: FromWorker): void {
  postMessage(message);
}

function open(): void {
  clearTimeout(retry);
  if (!wanted || socket) return;
  let opened = false;
  const mine = new WebSocket(url);
  socket = mine;
  heardAt = performance.now();
  mine.onopen = () => {
    opened = true;
    heardAt = performance.now();
    tell({ is: "open", from: place });
  };
  mine.onmessage = (event: MessageEvent<string>) => {
    if (socket === mine) heard(event.data);
  };
  mine.onclose = () => {
    if (socket === mine) down(opened);
  };
}

function heard(data: string): void {
  heardAt = performance.now();
  const frame = JSON.parse(data) as { type: string; epoch?: number; seq?: number; retry_ms?: number };
  // Too many came at once. The server has drawn when it is our turn: sooner is only another refusal.
  if (frame.type === "later") return void (laterMs = Math.min(frame.retry_ms ?? PAUSE_MAX_MS, LATER_MAX_MS));
  failures = 0;
  if ((frame.type === "snapshot" || frame.type === "delta") && frame.epoch !== undefined && frame.seq !== undefined) {
    place = { epoch: frame.epoch, seq: frame.seq };
  }
  tell({ is: "frame", frame });
}

/** Full jitter over a doubling pause: after an outage a thousand desks do not knock at the same moment. */
function down(opened: boolean): void {
  const mine = socket;
  socket = null;
  if (mine) {
    mine.onclose = null;
    mine.close();
  }
  if (!wanted) return;
  const most = Math.min(failures < EAGER_TRIES ? EAGER_PAUSE_MS : PAUSE_MAX_MS, PAUSE_MIN_MS * 2 ** failures);
  failures = Math.min(failures + 1, 20);
  const pause = laterMs || Math.round(PAUSE_MIN_MS / 2 + Math.random() * most);
  laterMs = 0;
  tell({ is: "down", retry_in_ms: pause, opened });
  retry = setTimeout(open, pause);
}

function say(frame: unknown): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

setInterval(() => {
  const now = performance.now();
  tell({ is: "tick" });
  if (!socket) return;
  if (now - heardAt > SILENT_MS) return down(socket.readyState === WebSocket.OPEN);
  if (face === "desk" && now - beatAt >= BEAT_MS - TICK_MS / 2 && now - pageAt < PAGE_SILENT_MS) {
    beatAt = now;
    say({ request_id: requestId(), say: "beat" });
  }
}, TICK_MS);

onmessage = (event: MessageEvent<ToWorker>) => {
  const it = event.data;
  pageAt = performance.now();
  switch (it.do) {
    case "open":
      ({ url, face } = it);
      wanted = true;
      failures = 0;
      return open();
    case "say":
      return say(it.frame);
    case "close":
      wanted = false;
      return down(true);
    case "retry_now":
      failures = 0;
      return open();
    case "here":
  }
};
