// Where a message is written. It works while the line is cut: what is sent then waits for the connection and says so. Nothing takes focus
// away from it, and before a message goes out to somebody who has just written, it asks once.
import { signal } from "@preact/signals";
import { say } from "../announce.ts";
import { requestId } from "../line/request_id.ts";
import { Kbd } from "../shell/parts.tsx";
import { t } from "../words/words.ts";
import type { DeskContact } from "../wire.ts";
import { ready } from "./line.ts";
import { begunAt, clear, draftOf, isKept, newSince, readNow, write } from "./drafts.ts";
import { contactTitle } from "./Conversations.tsx";
import { send } from "./outbox.ts";
import { segments } from "./segments.ts";
import { mayWrite, texts } from "./store.ts";

/** The conversation for which "send anyway" was asked. */
const asked = signal("");

export function trySend(contact: DeskContact): void {
  const id = contact.contact_id;
  const words = draftOf(id).trim();
  if (!mayWrite(contact) || !words || segments(words).bytes > texts.value.words_bytes_max || contact.opted_out) return;
  if (newSince(id) > 0 && asked.value !== id) {
    asked.value = id;
    say(`${t("guard.new", { n: newSince(id) })} ${t("guard.again")}`);
    return;
  }
  asked.value = "";
  send(requestId(), id, words);
  clear(id);
}

function Guard({ contact }: { contact: DeskContact }) {
  const id = contact.contact_id;
  const n = newSince(id);
  if (n === 0 || begunAt.value[id] === undefined) return null;
  const now = asked.value === id;
  return (
    <p class={`guard${now ? " strong" : ""}`} role="note">
      <span>{t("guard.new", { n })}{now && ` ${t("guard.again")}`}</span>
      <button type="button" class="small" onClick={() => { readNow(id); asked.value = ""; }}>{t("guard.read")}</button>
    </p>
  );
}

export function Composer({ contact, leave }: { contact: DeskContact; leave: () => void }) {
  const id = contact.contact_id;
  const words = draftOf(id);
  const size = segments(words);
  const most = texts.value.words_bytes_max;
  const over = size.bytes > most;
  return (
    <form class="composer private" aria-label={t("composer.label")} onSubmit={(event) => { event.preventDefault(); trySend(contact); }}>
      <Guard contact={contact} />
      <label class="sr" for="compose">{t("composer.message", { who: contactTitle(contact) })}</label>
      <textarea id="compose" rows={3} value={words} dir="auto" placeholder={t("composer.placeholder")} aria-describedby="compose-size"
        aria-invalid={over} onFocus={leave} onInput={(event) => { write(id, event.currentTarget.value); asked.value = ""; }} />
      <p class="composer-foot">
        <button class="primary" disabled={!words.trim() || over || contact.opted_out}>{ready.value ? t("composer.send") : t("composer.send_later")} <Kbd of="send" /></button>
        <span id="compose-size" class={over ? "note over" : "note"}>
          {over ? t("composer.too_long", { n: size.bytes - most }) : t("composer.size", { characters: size.characters, n: size.parts })}
        </span>
        <span class="grow" />
        <span class="note">{words && (isKept(id) ? t("draft.saved") : ready.value ? t("draft.saving") : t("draft.here"))}</span>
      </p>
    </form>
  );
}
