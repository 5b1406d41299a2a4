// The start of a shift. One press begins it and is also what lets the browser make sound; then each thing that a contact will need is
// looked at, with what to do about it. What is missing keeps the person out of calls, with the reason; texts stay possible.
import { signal } from "@preact/signals";
import { Kbd } from "../shell/parts.tsx";
import { t, type Key } from "../words/words.ts";
import { ready } from "./line.ts";
import { begin, become, findings, heardRing, keepsFromText, keepsFromVoice, stage, toWork, written, type Finding } from "./shift.ts";
import { allow, chime } from "./sound.ts";
import { useHere } from "./line.ts";
import { boot } from "../boot.ts";
import { self } from "./store.ts";

const phone = signal("");
const MARKS: Record<Finding, string> = { ok: "✓", wait: "…", warn: "▲", block: "◆" };
const notices = signal("Notification" in window ? Notification.permission : "unsupported");

interface CheckProps { name: string; finding: Finding; words: string; children?: preact.ComponentChildren }

function Check({ name, finding, words, children }: CheckProps) {
  return (
    <li class={`check ${finding}`}>
      <span class="mark" aria-hidden="true">{MARKS[finding]}</span>
      <div><strong>{name}</strong> <span class="sr">{t(`finding.${finding}`)}.</span> <span class="note">{words}</span></div>
      {children && <div class="row-actions">{children}</div>}
    </li>
  );
}

function Before() {
  return (
    <form class="card preflight" onSubmit={(event) => { event.preventDefault(); begin(phone.value.trim()); }}>
      <h2>{t("preflight.hello", { name: boot.me.name || t("role.counselor") })}</h2>
      <p>{t("preflight.what")}</p>
      <label class="field">{t("preflight.phone")}
        <input type="text" inputMode="tel" autoComplete="tel" name="phone" value={phone.value} onInput={(event) => (phone.value = event.currentTarget.value)}
          aria-describedby="phone-why" placeholder="+1 303 555 0100" />
      </label>
      <p id="phone-why" class="note">{t("preflight.phone_why")}</p>
      <p><button class="primary large" data-start>{t("preflight.start")}</button></p>
    </form>
  );
}

function Checks() {
  const it = findings.value;
  const words = (name: string) => t(`check.${name}.${it[name as keyof typeof it]}` as Key);
  return (
    <ul class="checks">
      <Check name={t("check.connection")} finding={it.connection} words={words("connection")} />
      <Check name={t("check.lease")} finding={it.lease} words={words("lease")}>
        {it.lease === "block" && <button type="button" class="small" onClick={useHere}>{t("lease.use_here")}</button>}
      </Check>
      <Check name={t("check.sound")} finding={it.sound} words={words("sound")}>
        {it.sound === "block"
          ? <button type="button" class="small" onClick={() => void allow()}>{t("sound.allow")}</button>
          : <>
              <button type="button" class="small" onClick={chime}>{t("sound.play")}</button>
              <button type="button" class="small" aria-pressed={heardRing.value === true} onClick={() => (heardRing.value = true)}>{t("sound.heard")}</button>
              <button type="button" class="small quiet" aria-pressed={heardRing.value === false} onClick={() => (heardRing.value = false)}>{t("sound.not_heard")}</button>
            </>}
      </Check>
      <Check name={t("check.phone")} finding={it.phone} words={words("phone")}>
        {it.phone === "block" && <button type="button" class="small" onClick={() => (stage.value = "before")}>{t("preflight.give_phone")}</button>}
      </Check>
      <Check name={t("check.notices")} finding={notices.value === "granted" ? "ok" : "warn"} words={t(notices.value === "granted" ? "check.notices.ok" : "check.notices.warn")}>
        {notices.value === "default" && (
          <button type="button" class="small" onClick={() => void Notification.requestPermission().then((now) => (notices.value = now))}>{t("check.notices.allow")}</button>
        )}
      </Check>
      <Check name={t("check.clock")} finding={it.clock} words={words("clock")} />
      <Check name={t("check.secure")} finding={it.secure} words={words("secure")} />
    </ul>
  );
}

function Checking() {
  const me = self.value;
  const may = me?.may_take ?? [];
  const some = written(may);
  const voiceOut = keepsFromVoice.value;
  const textOut = keepsFromText.value;
  return (
    <section class="card preflight" aria-labelledby="preflight">
      <h2 id="preflight" tabIndex={-1}>{t("preflight.title")}</h2>
      <Checks />
      {voiceOut.length > 0 && ready.value && may.includes("voice") && <p class="why" role="note">{t("preflight.no_voice", { why: voiceOut.map((it) => t(`check.${it}`)).join(", ") })}</p>}
      <p class="row-actions">
        <button type="button" class="primary large" data-available disabled={voiceOut.length > 0 || !me}
          onClick={() => { become("available"); toWork(); }}>{t("preflight.available")}</button>
        {some.length > 0 && (
          <button type="button" class="large" data-text-only disabled={textOut.length > 0 || !me}
            onClick={() => { become("available_for", some); toWork(); }}>{t("preflight.text_only")}</button>
        )}
        <button type="button" class="large quiet" disabled={!me} onClick={toWork}>{t("preflight.look")}</button>
      </p>
      <p class="note">{t("preflight.keys")} <Kbd of="help" /></p>
    </section>
  );
}

function Over() {
  return (
    <section class="card preflight"><h2>{t("over.title")}</h2><p>{t("over.what")}</p>
      <p><button type="button" class="large" onClick={() => (stage.value = "before")}>{t("over.again")}</button></p>
      <form method="post" action="/sign-out"><button class="quiet">{t("sign_out")}</button></form>
    </section>
  );
}

export function Preflight() {
  return <main class="centered" id="main" tabIndex={-1}>{stage.value === "before" ? <Before /> : stage.value === "over" ? <Over /> : <Checking />}</main>;
}
