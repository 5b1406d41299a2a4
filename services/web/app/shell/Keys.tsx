// Keys and help: everything that can be done by key, by name, each of which can be changed or switched off.
import { signal } from "@preact/signals";
import { actions, keyOf, pressed, setKey, shownKey } from "../keys.ts";
import { keyChoices } from "../settings.ts";
import { t } from "../words/words.ts";
import { Panel } from "./parts.tsx";

export const helpOpen = signal(false);
const changing = signal("");

export function Keys() {
  const stop = () => (changing.value = "");
  return (
    <Panel title={t("keys.title")} close={() => { stop(); helpOpen.value = false; }}>
      <p>{t("keys.intro")}</p>
      <table class="keys">
        <thead><tr><th scope="col">{t("keys.action")}</th><th scope="col">{t("keys.key")}</th><th scope="col"><span class="sr">{t("keys.change")}</span></th></tr></thead>
        <tbody>
          {actions.value.map((it) => {
            const key = keyOf.value.get(it.id) ?? "";
            const mine = changing.value === it.id;
            return (
              <tr key={it.id}>
                <th scope="row">{t(it.name)}</th>
                <td>{mine ? <em>{t("keys.press")}</em> : key ? <kbd>{shownKey(key)}</kbd> : t("keys.off")}</td>
                <td class="row-actions">
                  <button type="button" class="small" onClick={() => (changing.value = mine ? "" : it.id)}
                    aria-label={t("keys.change_of", { name: t(it.name) })}
                    onKeyDown={(event) => {
                      if (!mine || ["Shift", "Control", "Alt", "Meta", "Tab"].includes(event.key)) return;
                      event.preventDefault();
                      event.stopPropagation();
                      if (event.key !== "Escape") setKey(it.id, pressed(event));
                      stop();
                    }}>{t("keys.change")}</button>
                  {key !== "" && (
                    <button type="button" class="small quiet" aria-label={t("keys.off_of", { name: t(it.name) })}
                      onClick={() => setKey(it.id, "")}>{t("keys.off")}</button>
                  )}
                  {it.id in keyChoices.value && (
                    <button type="button" class="small quiet" aria-label={t("keys.reset_of", { name: t(it.name) })}
                      onClick={() => setKey(it.id, null)}>{t("keys.reset")}</button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Panel>
  );
}
