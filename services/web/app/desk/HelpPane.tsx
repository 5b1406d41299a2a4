// Asking a supervisor for help, in three levels; then since when it is asked, and who answers.
import { signal, useComputed } from "@preact/signals";
import { now } from "../line/clock.ts";
import { Kbd } from "../shell/parts.tsx";
import { span } from "../words/spans.ts";
import { t } from "../words/words.ts";
import type { Help, HelpLevel } from "../wire.ts";
import { isBusy, ready } from "./line.ts";
import { does } from "./say.ts";
import { openId, self } from "./store.ts";

export const helpAsked = signal(false);
const LEVELS: HelpLevel[] = ["question", "join", "emergency"];

export function askHelp(level: HelpLevel): void {
  helpAsked.value = true;
  void does({ say: "ask_help", contact_id: openId.value, level });
}

function Open({ it }: { it: Help }) {
  const asked = useComputed(() => span(now.value - it.asked_at_ms));
  return (
    <div class={`help-open ${it.level}`}>
      <p><strong>{t(`help.${it.level}`)}</strong></p>
      <p>{it.answered_by ? t("help.answered", { name: it.answered_by }) : t("help.asked")}</p>
      <p class="note">{t("help.since")} <span role="timer" aria-live="off">{asked}</span></p>
      <p class="row-actions">
        {it.level !== "emergency" && !it.answered_by && <button type="button" class="small" onClick={() => askHelp("emergency")}>{t("help.emergency")} <Kbd of="emergency" /></button>}
        <button type="button" class="small" disabled={isBusy("end_help")} onClick={() => { helpAsked.value = false; void does({ say: "end_help" }); }}>{t("help.end")}</button>
      </p>
    </div>
  );
}

export function HelpPane() {
  const it = self.value?.help ?? null;
  if (!it && !helpAsked.value) return null;
  return (
    <section class="card help-card" aria-labelledby="help-title">
      <div class="card-head"><h2 id="help-title" tabIndex={-1}>{t("help.title")}</h2>
        {!it && <button type="button" class="small quiet" onClick={() => (helpAsked.value = false)}>{t("close")}</button>}</div>
      {it
        ? <Open it={it} />
        : <>
            <p class="note">{t("help.what")}</p>
            <p class="stack">
              {LEVELS.map((level) => (
                <button type="button" key={level} class={level === "emergency" ? "emergency" : ""} disabled={!ready.value || isBusy("ask_help", openId.value)} onClick={() => askHelp(level)}>
                  {t(`help.${level}`)} {level === "emergency" && <Kbd of="emergency" />}
                </button>
              ))}
            </p>
          </>}
    </section>
  );
}
