// The page's end of its line: starts the worker, keeps the clock and the freshness going, and hands each frame on. One per page.
import { signal } from "@preact/signals";
import type { Place } from "../wire.ts";
import { frameMs, heard, localNow, tick } from "./clock.ts";
import type { FromWorker, ToWorker } from "./speech.ts";

export interface Line {
  say(frame: unknown): void;
  close(): void;
  /** Now, and again after a close. */
  reopen(): void;
}

export interface Hears<Frame> {
  /** A socket is open; the first word is the page's. */
  open(from: Place | null): void;
  frame(frame: Frame): void;
  down(): void;
}

/** Whether a socket is open; when the next try is, on the page's own clock. */
export const connected = signal(false);
export const retryAt = signal(0);
/** The server turned this browser away: the sign-in is over. */
export const signedOut = signal(false);

interface Dated { type: string; at_ms?: number; router_ms?: number; frame_ms?: number }

export function openLine<Frame extends Dated>(face: "desk" | "board", hears: Hears<Frame>): Line {
  const worker = new Worker(WORKER_URL, { type: "module", name: "line" });
  const post = (it: ToWorker) => worker.postMessage(it);
  worker.onmessage = (event: MessageEvent<FromWorker>) => {
    const it = event.data;
    switch (it.is) {
      case "tick":
        post({ do: "here" });
        return tick();
      case "open":
        connected.value = true;
        signedOut.value = false;
        return hears.open(it.from);
      case "down":
        connected.value = false;
        retryAt.value = performance.now() + it.retry_in_ms;
        if (!it.opened) void whetherSignedIn();
        return hears.down();
      case "frame": {
        const frame = it.frame as Frame;
        if (frame.at_ms !== undefined) heard(frame.at_ms, frame.router_ms ?? null, frame.type === "hello");
        if (frame.frame_ms !== undefined) frameMs.value = frame.frame_ms;
        return hears.frame(frame);
      }
    }
  };
  // A second clock, for when the worker's is late: if it died, the page must see its numbers grow old all the same.
  setInterval(() => {
    if (performance.now() - localNow.peek() > 900) tick();
  }, 500);
  addEventListener("online", () => post({ do: "retry_now" }));
  const at = new URL(`/ui/v1/${face}`, location.href);
  at.protocol = at.protocol === "https:" ? "wss:" : "ws:";
  const open = () => post({ do: "open", url: at.href, face });
  open();
  return {
    say: (frame) => post({ do: "say", frame }),
    close: () => {
      connected.value = false;
      post({ do: "close" });
    },
    reopen: open,
  };
}

/** A socket that is refused does not say why; the page itself is asked once a try. */
async function whetherSignedIn(): Promise<void> {
  const answer = await fetch(location.pathname, { method: "HEAD", redirect: "manual" }).catch(() => null);
  if (answer) signedOut.value = answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect";
}
