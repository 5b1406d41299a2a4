// Where a shift stands in this tab: not begun, checking, at work, over. A reload in mid-shift goes back to work by itself; only that a
// shift is on is remembered, by the tab, and nothing of anybody.
import { computed, effect, signal } from "@preact/signals";
import { freshness } from "../line/clock.ts";
import type { Channel, Readiness } from "../wire.ts";
import { startLine } from "./line.ts";
import { does } from "./say.ts";
import { allow, prepare, sound } from "./sound.ts";
import { ended, lease, self } from "./store.ts";

export type Stage = "before" | "checking" | "working" | "over";

const KEY = "holdfast.shift";
const remembered = (): boolean => sessionStorage.getItem(KEY) === "on";

export const stage = signal<Stage>("before");
/** Whether the ring was heard: the person's own word, once a shift. */
export const heardRing = signal<boolean | null>(null);
/** Hours and minutes of this machine and of the server, apart by so much; null if the server does not say. */
export const skewMs = signal<number | null>(null);

export function begin(audioAddress: string): void {
  void allow();
  stage.value = "checking";
  try {
    sessionStorage.setItem(KEY, "on");
  } catch {
    // Then a reload asks again.
  }
  void measureSkew();
  startLine(audioAddress);
}

/** At load: if a shift was on, on it goes. */
export function resume(): void {
  if (!remembered()) return;
  prepare();
  stage.value = "working";
  startLine("");
}

export function toWork(): void {
  stage.value = "working";
}

/** The system's clock matters to nothing that is decided here, but a note written at the wrong hour misleads. */
async function measureSkew(): Promise<void> {
  const before = Date.now();
  const answer = await fetch(location.pathname, { method: "HEAD" }).catch(() => null);
  const date = Date.parse(answer?.headers.get("date") ?? "");
  // The header has whole seconds: half of one is the best guess of the rest.
  skewMs.value = Number.isNaN(date) ? null : (before + Date.now()) / 2 - (date + 500);
}

effect(() => {
  if (ended.value?.reason !== "signed_off") return;
  sessionStorage.removeItem(KEY);
  stage.value = "over";
});

export type Finding = "ok" | "wait" | "warn" | "block";

export const SKEW_MAX_MS = 2_000;

export const findings = computed(() => {
  const me = self.value;
  const voice = me?.may_take.includes("voice") ?? false;
  return {
    secure: (window.isSecureContext ? "ok" : "warn") as Finding,
    connection: (freshness.value === "live" && me ? "ok" : freshness.value === "lost" ? "block" : "wait") as Finding,
    lease: (lease.value === null ? "wait" : lease.value ? "ok" : "block") as Finding,
    sound: (sound.value === "on" ? (heardRing.value === null ? "wait" : heardRing.value ? "ok" : "warn") : sound.value === "muted" ? "warn" : "block") as Finding,
    phone: (!me ? "wait" : !voice ? "ok" : me.reachable_by_voice ? "ok" : "block") as Finding,
    clock: (skewMs.value === null ? "ok" : Math.abs(skewMs.value) < SKEW_MAX_MS ? "ok" : "warn") as Finding,
  };
});

/** Why nobody may be offered by voice; empty if all is well. */
export const keepsFromVoice = computed(() => {
  const it = findings.value;
  return (["connection", "lease", "phone", "sound"] as const).filter((name) => it[name] === "block");
});

/** Texts need no phone and no ring: only that the desk is there. */
export const keepsFromText = computed(() => keepsFromVoice.value.filter((it) => it === "connection" || it === "lease"));

export const written = (all: Channel[]): Channel[] => all.filter((it) => it !== "voice");

export function become(readiness: Readiness, channels: Channel[] = []): void {
  void does({ say: "set_readiness", readiness, channels });
}
