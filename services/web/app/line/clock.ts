// The server's clock as this page knows it, and how old its data is. Live, Late and Lost come from when something was last heard and
// never from what a socket says of itself: a dead socket looks alive.
import { computed, signal } from "@preact/signals";

export const LATE_MS = 2_000;
export const LOST_MS = 5_000;
/** After so long without use the best offset is let go, so that a clock that drifts is followed. */
const OFFSET_KEPT_MS = 120_000;

export type Freshness = "starting" | "live" | "late" | "lost";

/** The page's own clock, moved twice a second. */
export const localNow = signal(performance.now());
/** The network's clock, for deadlines and waits. */
export const now = signal(0);

/** How far apart the board's figures come now, at the least, in milliseconds; 0 before it was said. */
export const frameMs = signal(0);

let offset = Number.NEGATIVE_INFINITY;
let offsetAt = 0;
let heardAt = Number.NEGATIVE_INFINITY;
let saidAt = 0;
let router = 0;
let delayed = 0;
const startedAt = performance.now();

/** A frame came that was written at `at`. The least delayed frame is the best guess of the server's clock. */
export function heard(at: number, routerMs: number | null, anew: boolean): void {
  const local = performance.now();
  if (anew || at - local >= offset || local - offsetAt > OFFSET_KEPT_MS) {
    offset = at - local;
    offsetAt = local;
  }
  heardAt = local;
  // A frame that tells a time told before says nothing of how long it took.
  if (at > saidAt || anew) delayed = Math.max(0, local + offset - at);
  saidAt = at;
  if (routerMs !== null) router = routerMs;
  tick();
}

export function tick(): void {
  localNow.value = performance.now();
  now.value = offset === Number.NEGATIVE_INFINITY ? 0 : Math.round(localNow.value + offset);
}

/** The network's clock this instant, between two ticks. */
export function serverNow(): number {
  return offset === Number.NEGATIVE_INFINITY ? 0 : performance.now() + offset;
}

/** How old what is on the screen is. A frame that lay in the network for long is as old as that, however lately it came. */
export function ageAt(local: number): number {
  if (heardAt === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return local - heardAt + Math.max(router, delayed);
}

export function freshnessOf(age: number, waited: number): Freshness {
  if (age === Number.POSITIVE_INFINITY) return waited < LOST_MS ? "starting" : "lost";
  return age <= LATE_MS ? "live" : age <= LOST_MS ? "late" : "lost";
}

export const age = computed(() => Math.max(0, ageAt(localNow.value)));
export const freshness = computed<Freshness>(() => freshnessOf(age.value, localNow.value - startedAt));
/** When the data on the screen was true, as wall time of this machine; 0 before any. */
export const asOf = computed(() => (Number.isFinite(age.value) ? Date.now() - age.value : 0));
