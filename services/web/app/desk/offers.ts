// What an offer sets off: the ring, the title, a word to a screen reader exactly twice, a notice of the browser without content, and in
// the end always what became of it.
import { effect } from "@preact/signals";
import { interrupt, nudge } from "../announce.ts";
import { now } from "../line/clock.ts";
import { focusFirst } from "../shell/focus.ts";
import { languageName } from "../words/languages.ts";
import { t, type Key } from "../words/words.ts";
import type { DeskOffer } from "../wire.ts";
import { does, notice } from "./say.ts";
import { hush, hushAll, ring } from "./sound.ts";
import { lease, names, openId, openOffers, unread, watch } from "./store.ts";

const LAST_CALL_MS = 5_000;

/** How often each open offer has been announced. */
const announced = new Map<string, number>();
/** The whole time of each offer, for its bar. */
export const wholeMs = new Map<string, number>();
const notified = new Map<string, Notification>();

export function offerWords(it: DeskOffer): string {
  const channel = it.queue?.channel ?? "voice";
  const fill = { need: names.value.needs[it.queue?.need ?? ""] ?? it.queue?.need ?? "", language: languageName(it.language) };
  const kind: Key = it.handoff ? `offer.handoff.${channel}` : it.outbound ? "offer.callback" : `offer.${channel}`;
  return t("offer.words", { kind: t(kind), ...fill });
}

function came(it: DeskOffer, left: number): void {
  wholeMs.set(it.offer_id, Math.max(left, 1));
  ring(it.offer_id, left);
  interrupt(t("offer.came", { offer: offerWords(it), n: Math.round(left / 1000) }));
  const shown = nudge(t(`offer.${it.queue?.channel ?? "voice"}`), it.offer_id);
  if (shown) notified.set(it.offer_id, shown);
}

function over(id: string): void {
  hush(id);
  announced.delete(id);
  wholeMs.delete(id);
  notified.get(id)?.close();
  notified.delete(id);
}

effect(() => {
  const at = now.value;
  if (!lease.value) {
    for (const id of [...announced.keys()]) over(id);
    return hushAll();
  }
  for (const it of openOffers.value) {
    const left = it.deadline_ms - at;
    const times = announced.get(it.offer_id) ?? 0;
    if (times === 0 && left > 0) {
      announced.set(it.offer_id, 1);
      came(it, left);
    } else if (times === 1 && left <= LAST_CALL_MS && left > 0) {
      announced.set(it.offer_id, 2);
      interrupt(t("offer.last_call", { offer: offerWords(it), n: Math.round(left / 1000) }));
    }
  }
});

effect(() => {
  const first = lease.value ? openOffers.value[0] : undefined;
  const n = lease.value ? Object.values(unread.value).reduce((sum, it) => sum + it, 0) : 0;
  document.title = first
    ? t("offer.title", { n: openOffers.value.length, offer: t(`offer.${first.queue?.channel ?? "voice"}`) })
    : n ? t("news.title", { n }) : `${t("desk.title")} · Holdfast`;
});

const OUTCOMES: Partial<Record<DeskOffer["state"], Key>> = { accepted: "offer.yours", declined: "offer.declined", expired: "offer.expired" };
const REASONS: Record<string, Key> = {
  person_left: "offer.person_left", desk_lost: "offer.desk_lost", counselor_not_ready: "offer.not_ready", plan_changed: "offer.plan_changed",
  handoff_ended: "offer.handoff_ended", acuity_raised: "offer.acuity_raised", person_calls: "offer.person_calls", center_closed: "offer.center_closed", unknown: "offer.gone",
};

watch({
  offerClosed: (it) => {
    over(it.offer_id);
    const key = OUTCOMES[it.state] ?? REASONS[it.reason] ?? "offer.gone";
    notice(t(key));
  },
});

export async function accept(it: DeskOffer): Promise<void> {
  hush(it.offer_id);
  const done = await does({ say: "accept_offer", offer_id: it.offer_id });
  // Whoever writes keeps their place; whoever does not gets to see whom they have taken.
  if (done && !isWriting()) {
    openId.value = it.contact_id;
    toContact();
  }
}

export function notNow(it: DeskOffer): void {
  hush(it.offer_id);
  void does({ say: "decline_offer", offer_id: it.offer_id });
}

/** Accepting is asking to be there: focus goes to where one writes, as soon as there is such a place. */
function toContact(): void {
  setTimeout(() => {
    if (!isWriting()) focusFirst(["#compose", "#note", "#pane"]);
  }, 50);
}

export function isWriting(): boolean {
  const here = document.activeElement;
  return here instanceof HTMLTextAreaElement && here.value !== "";
}
