// Whether this desk can be heard: on, blocked by the browser, or muted by its person. And how the ring sounds.
import { signal } from "@preact/signals";
import { keep, tune, volume } from "../settings.ts";
import { t } from "../words/words.ts";
import { allow, chime, muted, setMuted, sound, TUNES } from "./sound.ts";

const open = signal(false);

export function SoundChip() {
  const close = () => (open.value = false);
  if (sound.value === "blocked" || sound.value === "off") {
    return <button type="button" class="chip-button watch" data-sound={sound.value} onClick={() => void allow()}>▲ {t("sound.blocked")}</button>;
  }
  return (
    <div class="menu" onKeyDown={(event) => { if (event.key === "Escape") close(); }}
      onFocusOut={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) close(); }}>
      <button type="button" class={`chip-button ${sound.value === "muted" ? "watch" : ""}`} data-sound={sound.value} aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
        {t(sound.value === "muted" ? "sound.muted" : "sound.on")} <span aria-hidden="true">▾</span>
      </button>
      {open.value && (
        <div class="menu-body">
          <label class="field">{t("sound.volume")}
            <input type="range" min="0" max="100" step="5" value={volume.value} onInput={(event) => { volume.value = Number(event.currentTarget.value); keep("volume", volume.value); }} />
          </label>
          <fieldset><legend>{t("sound.tune")}</legend>
            {TUNES.map((_, at) => (
              <label class="pick" key={at}><input type="radio" name="tune" checked={tune.value === at} onChange={() => { tune.value = at; keep("tune", at); chime(); }} /> {t("sound.tune_n", { n: at + 1 })}</label>
            ))}
          </fieldset>
          <button type="button" class="quiet item" onClick={chime}>{t("sound.play")}</button>
          <button type="button" class="quiet item" aria-pressed={muted.value} onClick={() => setMuted(!muted.value)}>{t(muted.value ? "sound.unmute" : "sound.mute")}</button>
        </div>
      )}
    </div>
  );
}
