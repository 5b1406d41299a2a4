// Everybody this desk is with. Says since when somebody waits for an answer, quietly; no counters that shout.
import { useComputed } from "@preact/signals";
import { now } from "../line/clock.ts";
import { Kbd } from "../shell/parts.tsx";
import { span } from "../words/spans.ts";
import { t } from "../words/words.ts";
import type { DeskContact } from "../wire.ts";
import { contacts, names, openId, takingOver, underWay, unread, writingUp } from "./store.ts";

export function contactTitle(it: DeskContact): string {
  const channel = t(`channel.${it.queue?.channel ?? "voice"}`);
  const need = names.value.needs[it.queue?.need ?? ""] ?? it.queue?.need ?? "";
  return need ? t("contact.title", { channel, need }) : channel;
}

/** Where it stands in a few words. */
export function contactState(it: DeskContact): string {
  if (writingUp(it)) return t("contact.wrapping_up");
  if (it.part === "joining") return t("contact.joining");
  if (it.state === "connecting") return it.queue?.channel === "voice" ? t("contact.connecting") : t("contact.write_first");
  if (it.held) return t("contact.held");
  if (underWay(it.handoff) && !takingOver(it)) return t("contact.handing_over");
  return t("contact.connected");
}

function One({ it }: { it: DeskContact }) {
  const waiting = useComputed(() => (it.unanswered_since_ms ? t("contact.unanswered", { span: span(now.value - it.unanswered_since_ms) }) : ""));
  const news = unread.value[it.contact_id] ?? 0;
  const here = openId.value === it.contact_id;
  return (
    <li>
      <button type="button" class={`conversation${here ? " here" : ""}`} aria-current={here ? "true" : undefined} data-contact={it.contact_id}
        onClick={() => (openId.value = it.contact_id)}>
        <span class="conversation-name"><span class={`glyph ${it.queue?.channel ?? "voice"}`} aria-hidden="true" /> {contactTitle(it)}
          {it.acuity === "high" && <span class="tag strong">{t("acuity.high")}</span>}
          {it.opted_out && <span class="tag strong">{t("opt_out.tag")}</span>}
          {news > 0 && <span class="tag strong">{t("news.tag", { n: news })}</span>}</span>
        <span class="note">{contactState(it)}</span>
        <span class="note waiting">{waiting}</span>
      </button>
    </li>
  );
}

export function Conversations() {
  const all = contacts.value;
  return (
    <nav class="card conversations" aria-labelledby="conversations">
      <h2 id="conversations">{t("conversations.title")}</h2>
      {all.length === 0
        ? <p class="empty">{t("conversations.none")}</p>
        : <ul class="plain">{all.map((it) => <One key={it.contact_id} it={it} />)}</ul>}
      {all.length > 1 && <p class="note"><Kbd of="previous" /> <Kbd of="next" /> {t("conversations.keys")}</p>}
    </nav>
  );
}
