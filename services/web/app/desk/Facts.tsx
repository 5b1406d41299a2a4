// What is known of the contact that is open, and the notes written so far.
import { useComputed } from "@preact/signals";
import { now } from "../line/clock.ts";
import { languageName } from "../words/languages.ts";
import { span } from "../words/spans.ts";
import { t } from "../words/words.ts";
import type { DeskContact } from "../wire.ts";
import { names } from "./store.ts";

export function Facts({ contact }: { contact: DeskContact }) {
  const queue = contact.queue;
  const since = useComputed(() => span(now.value - contact.arrived_at_ms));
  const lines: [string, preact.ComponentChildren][] = [
    [t("facts.need"), names.value.needs[queue?.need ?? ""] ?? queue?.need ?? "–"],
    [t("facts.region"), names.value.regions[queue?.region ?? ""] ?? queue?.region ?? "–"],
    [t("facts.language"), languageName(contact.language) || "–"],
    [t("facts.since"), since],
  ];
  return (
    <section class="card facts-card" aria-labelledby="facts">
      <h2 id="facts">{t("facts.title")}</h2>
      {contact.acuity === "high" && <p><span class="tag strong">{t("acuity.high")}</span></p>}
      <dl class="facts">{lines.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      {contact.notes.length > 0 && (
        <div class="private">
          <h3>{t("facts.notes")}</h3>
          <ul class="plain notes">{contact.notes.map((it, at) => <li key={at} dir="auto">{it}</li>)}</ul>
        </div>
      )}
    </section>
  );
}
