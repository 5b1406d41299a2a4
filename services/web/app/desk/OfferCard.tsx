// A person held out to this counselor: enough to decide, nothing graphic. It appears beside the work and never takes focus.
import { useComputed } from "@preact/signals";
import { freshness, now } from "../line/clock.ts";
import { Kbd } from "../shell/parts.tsx";
import { languageName } from "../words/languages.ts";
import { span } from "../words/spans.ts";
import { t } from "../words/words.ts";
import type { DeskOffer } from "../wire.ts";
import { isBusy, ready } from "./line.ts";
import { accept, notNow, wholeMs } from "./offers.ts";
import { become } from "./shift.ts";
import { lease, names, openOffers, peerName, self } from "./store.ts";

function Left({ it }: { it: DeskOffer }) {
  const left = useComputed(() => Math.max(0, it.deadline_ms - now.value));
  const seconds = useComputed(() => t("offer.left", { s: Math.ceil(left.value / 1000) }));
  return (
    <div class="time-left">
      <span role="timer" aria-live="off">{seconds}</span>
      <progress max={wholeMs.get(it.offer_id) ?? it.deadline_ms - now.peek()} value={left.value} aria-label={t("offer.time")} />
    </div>
  );
}

function Card({ it, first }: { it: DeskOffer; first: boolean }) {
  const channel = it.queue?.channel ?? "voice";
  const region = names.value.regions[it.queue?.region ?? ""] ?? it.queue?.region ?? "";
  const need = names.value.needs[it.queue?.need ?? ""] ?? it.queue?.need ?? "";
  const facts = [
    it.handoff && it.from_id ? t("offer.from", { name: peerName(it.from_id) }) : "",
    it.acuity === "high" ? t("acuity.high") : "", it.returning ? t("offer.returning") : "", it.outbound ? t("offer.outbound") : "",
  ].filter(Boolean);
  const busy = isBusy("accept_offer", it.offer_id) || isBusy("decline_offer", it.offer_id);
  return (
    <article class="offer" aria-label={t("offer.one")} data-offer={it.offer_id}>
      <p class="offer-what"><span class={`glyph ${channel}`} aria-hidden="true" /><strong>{t(it.handoff ? `offer.handoff.${channel}` : `channel.${channel}`)}</strong></p>
      <p class="offer-who">{[need, languageName(it.language), region].filter(Boolean).join(" · ")}</p>
      <p class="note">{it.handoff ? t("offer.with_counselor") : t("offer.waited", { span: span(it.waited_ms) })}</p>
      {facts.length > 0 && <p class="tags">{facts.map((one) => <span class="tag" key={one}>{one}</span>)}</p>}
      <Left it={it} />
      <p class="row-actions">
        <button type="button" class="primary" disabled={busy || !ready.value} onClick={() => void accept(it)}>{t("offer.accept")} {first && <Kbd of="accept" />}</button>
        <button type="button" disabled={busy || !ready.value} onClick={() => notNow(it)}>{t("offer.not_now")} {first && <Kbd of="not_now" />}</button>
      </p>
    </article>
  );
}

function Idle() {
  const me = self.value;
  if (freshness.value === "lost") return <p class="empty">{t("offers.lost")}</p>;
  if (!me) return <p class="empty">{t("offers.starting")}</p>;
  if (me.readiness === "check_in") {
    return (
      <div class="check-in">
        <p>{t("offers.check_in")}</p>
        <p><button type="button" class="primary" onClick={() => become("available")}>{t("offers.here")}</button></p>
      </div>
    );
  }
  if (me.readiness === "available" || me.readiness === "available_for") return <p class="empty">{t("offers.none")}</p>;
  return <p class="empty">{t("offers.not_ready")}</p>;
}

export function Offers() {
  const all = lease.value ? openOffers.value : [];
  return (
    <section class="card offers" aria-labelledby="offers">
      <h2 id="offers">{t("offers.title")}</h2>
      {all.length ? all.map((it, at) => <Card key={it.offer_id} it={it} first={at === 0} />) : <Idle />}
    </section>
  );
}
