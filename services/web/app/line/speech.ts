// What the page and its worker say to each other. The worker holds the socket, so that a tab in the background, whose timers the
// browser slows to one a minute, still gives its sign of life every second and hears at once.
import type { Place } from "../wire.ts";

export type ToWorker =
  | { do: "open"; url: string; face: "desk" | "board" }
  /** Goes out now, or not at all: whoever says it keeps it until it is answered. */
  | { do: "say"; frame: unknown }
  | { do: "close" }
  | { do: "retry_now" }
  /** The page is alive. A desk whose page hangs must not seem to be there. */
  | { do: "here" };

export type FromWorker =
  /** The socket is open and nothing was said on it yet. `from`: where the tab stands. */
  | { is: "open"; from: Place | null }
  | { is: "frame"; frame: unknown }
  /** Not connected. `opened`: whether the last try got as far as a socket. */
  | { is: "down"; retry_in_ms: number; opened: boolean }
  | { is: "tick" };
