// What the person is ready for. The server owns it: a choice is pending until it is confirmed, and while a contact is held it says what
// comes after. Nobody but the person changes it.
import { signal } from "@preact/signals";
import { freshness } from "../line/clock.ts";
import { t, type Key } from "../words/words.ts";
import type { Channel, DeskSelf, Readiness } from "../wire.ts";
import { isBusy } from "./line.ts";
import { does } from "./say.ts";
import { become, keepsFromText, keepsFromVoice, written } from "./shift.ts";
import { contacts, self, writingUp } from "./store.ts";

const open = signal(false);

interface Choice { key: Key; readiness: Readiness; channels: Channel[]; disabled: boolean }

export function stateWords(me: DeskSelf): string {
  if (freshness.value === "lost") return t("presence.offline");
  if (me.presence !== "connected") return t(`presence.${me.presence}`);
  if (me.readiness === "available_for" && !me.channels.includes("voice")) return t("readiness.text_only");
  return t(`readiness.${me.readiness}`);
}

function choices(me: DeskSelf): Choice[] {
  const some = written(me.may_take);
  const voice = me.may_take.includes("voice");
  const all: Choice[] = [{ key: "readiness.available", readiness: "available", channels: [], disabled: voice ? keepsFromVoice.value.length > 0 : keepsFromText.value.length > 0 }];
  if (some.length && voice) all.push({ key: "readiness.text_only", readiness: "available_for", channels: some, disabled: keepsFromText.value.length > 0 });
  const held = contacts.value.some((it) => !writingUp(it) && it.state !== "closed");
  all.push({ key: held ? "readiness.break_after" : "readiness.break", readiness: "break", channels: [], disabled: false });
  all.push({ key: "readiness.training", readiness: "training", channels: [], disabled: false });
  all.push({ key: "readiness.debrief", readiness: "debrief", channels: [], disabled: false });
  return all;
}

export function StateControl() {
  const me = self.value;
  if (!me) return null;
  const busy = isBusy("set_readiness");
  const free = freshness.value !== "lost" && (me.readiness === "available" || me.readiness === "available_for");
  const close = () => (open.value = false);
  return (
    <div class="menu state-control" onKeyDown={(event) => { if (event.key === "Escape") close(); }}
      onFocusOut={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) close(); }}>
      <button type="button" class={`state ${free ? "free" : ""}`} aria-expanded={open.value} onClick={() => (open.value = !open.value)} data-state={me.readiness}>
        <span class="mark" aria-hidden="true">{free ? "●" : "◐"}</span>
        <span class="sr">{t("state.mine")} </span>{stateWords(me)}
        {busy && <span class="note"> · {t("state.pending")}</span>} <span aria-hidden="true">▾</span>
      </button>
      {me.readiness_next && <span class="note next">{t("state.next", { state: t(`readiness.${me.readiness_next}`) })}</span>}
      {open.value && (
        <div class="menu-body" role="group" aria-label={t("state.mine")}>
          {choices(me).map((it) => (
            <button type="button" key={it.key} class="quiet item" disabled={it.disabled || busy} onClick={() => { become(it.readiness, it.channels); close(); }}>{t(it.key)}</button>
          ))}
          {keepsFromVoice.value.length > 0 && <p class="note">{t("preflight.no_voice", { why: keepsFromVoice.value.map((it) => t(`check.${it}`)).join(", ") })}</p>}
          <hr />
          <button type="button" class="quiet item" disabled={contacts.value.length > 0} onClick={() => { close(); void does({ say: "sign_off" }); }}>{t("state.end_shift")}</button>
          {contacts.value.length > 0 && <p class="note">{t("state.end_shift_not")}</p>}
        </div>
      )}
    </div>
  );
}
