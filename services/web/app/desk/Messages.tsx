// A conversation as it was written: who, what, and how far each message has come. A log to a screen reader, which reads what is new.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { now } from "../line/clock.ts";
import { timeOfDay } from "../words/spans.ts";
import { t, type Key } from "../words/words.ts";
import type { DeskContact, DeskMessage } from "../wire.ts";
import { ready } from "./line.ts";
import { again, discard, outbox, type Outgoing } from "./outbox.ts";
import { writeAgain } from "./drafts.ts";
import { peerName } from "./store.ts";

const wall = (at: number) => Date.now() - (now.peek() - at);

/** Only the sender's own messages carry the id they were sent under. */
function author(it: DeskMessage): string {
  if (it.author === "person") return t("author.person");
  if (it.author === "line") return t("author.line");
  return it.request_id ? t("author.you") : peerName(it.author_id) || t(`role.${it.author}`);
}

const DELIVERY: Record<NonNullable<DeskMessage["delivery"]>, Key> = {
  queued: "delivery.queued", in_doubt: "delivery.in_doubt", sent: "delivery.sent", delivered: "delivery.delivered", failed: "delivery.failed",
};

function Bubble({ it, contact }: { it: DeskMessage; contact: DeskContact }) {
  const side = it.author === "person" ? "theirs" : it.author === "line" ? "line" : "ours";
  return (
    <li class={`bubble ${side}`} data-number={it.number}>
      <p class="bubble-who"><strong>{author(it)}</strong> <time>{timeOfDay(wall(it.at_ms))}</time></p>
      {it.words && <p class="bubble-words" dir="auto">{it.words}</p>}
      {it.media > 0 && <p class="note">{t("message.media", { n: it.media })}</p>}
      {it.opt_out && <p class="opt-out"><span aria-hidden="true">▲</span> {t(`opt_out.${it.opt_out}`)}</p>}
      {it.delivery && (
        <p class={`delivery ${it.delivery}`}>
          {t(DELIVERY[it.delivery])}{it.delivery === "failed" && it.code ? ` (${it.code})` : ""}
          {it.delivery === "failed" && !contact.opted_out && (
            <button type="button" class="small" onClick={() => writeAgain(contact.contact_id, it.words)}>{t("delivery.write_again")}</button>
          )}
        </p>
      )}
    </li>
  );
}

function Waiting({ it }: { it: Outgoing }) {
  const words = it.state === "failed" ? t("delivery.not_sent", { why: it.reason }) : it.state === "taken" ? t("delivery.queued") : ready.value ? t("delivery.sending") : t("delivery.waiting");
  return (
    <li class={`bubble ours pending ${it.state}`} data-outgoing={it.id}>
      <p class="bubble-who"><strong>{t("author.you")}</strong></p>
      <p class="bubble-words" dir="auto">{it.words}</p>
      <p class={`delivery ${it.state}`}>{words}
        {it.state === "failed" && (
          <>
            {" "}<button type="button" class="small" onClick={() => again(it)}>{t("delivery.try_again")}</button>
            <button type="button" class="small quiet" onClick={() => { writeAgain(it.contact_id, it.words); discard(it.id); }}>{t("delivery.edit")}</button>
          </>
        )}
      </p>
    </li>
  );
}

export function Messages({ contact }: { contact: DeskContact }) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const waiting = outbox.value.filter((it) => it.contact_id === contact.contact_id);
  // Whoever joins sees the conversation from the moment they are together.
  const apart = contact.part === "joining" && contact.messages.length === 0;
  const hidden = apart ? 0 : contact.messages_total - contact.messages.length;
  useEffect(() => {
    atEnd.current = true;
    const it = box.current;
    if (!it) return;
    // A banner or a taller message box makes the log smaller; its end stays in sight.
    const watch = new ResizeObserver(() => { if (atEnd.current) it.scrollTop = it.scrollHeight; });
    watch.observe(it);
    return () => watch.disconnect();
  }, [contact.contact_id]);
  // Follows the conversation unless the reader has scrolled up to read.
  useLayoutEffect(() => {
    const it = box.current;
    if (it && atEnd.current) it.scrollTop = it.scrollHeight;
  });
  return (
    <div class="log private" role="log" aria-label={t("log.label")} tabIndex={0} ref={box}
      onScroll={(event) => { const it = event.currentTarget; atEnd.current = it.scrollHeight - it.scrollTop - it.clientHeight < 40; }}>
      {hidden > 0 && <p class="note">{t("log.earlier", { n: hidden })}</p>}
      <ol class="plain">
        {contact.messages.map((it) => <Bubble key={it.number} it={it} contact={contact} />)}
        {waiting.map((it) => <Waiting key={it.id} it={it} />)}
      </ol>
      {contact.messages.length === 0 && waiting.length === 0 && <p class="empty">{t(apart ? "log.not_yet" : "log.none")}</p>}
    </div>
  );
}
