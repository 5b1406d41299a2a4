// Everything the desk can do, by name: type a few letters, Enter. For whoever does not remember a key, or whose browser keeps it.
import { signal } from "@preact/signals";
import { actions, type Action } from "../keys.ts";
import { Kbd, Panel } from "../shell/parts.tsx";
import { t } from "../words/words.ts";
import { paletteOpen } from "./doing.ts";

const find = signal("");
const at = signal(0);

function fitting(): Action[] {
  const words = find.value.trim().toLocaleLowerCase();
  return actions.value.filter((it) => it.id !== "palette" && it.id !== "close" && (it.when?.() ?? true) && t(it.name).toLocaleLowerCase().includes(words));
}

export function Palette() {
  const all = fitting();
  const here = Math.min(at.value, Math.max(0, all.length - 1));
  const close = () => { paletteOpen.value = false; find.value = ""; at.value = 0; };
  const run = (it: Action | undefined) => { close(); setTimeout(() => it?.run(), 0); };
  const key = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") at.value = Math.min(all.length - 1, here + 1);
    else if (event.key === "ArrowUp") at.value = Math.max(0, here - 1);
    else if (event.key === "Enter") run(all[here]);
    else return;
    event.preventDefault();
  };
  return (
    <Panel title={t("palette.title")} close={close}>
      <input type="text" role="combobox" data-first aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list" aria-label={t("palette.find")}
        aria-activedescendant={all[here] ? `palette-${all[here].id}` : undefined} value={find.value} placeholder={t("palette.find")}
        onInput={(event) => { find.value = event.currentTarget.value; at.value = 0; }} onKeyDown={key} />
      <ul class="plain palette" role="listbox" id="palette-list" aria-label={t("palette.title")}>
        {all.map((it, index) => (
          <li key={it.id} id={`palette-${it.id}`} role="option" aria-selected={index === here} class={index === here ? "here" : ""} onClick={() => run(it)}>
            <span>{t(it.name)}</span> <Kbd of={it.id} />
          </li>
        ))}
      </ul>
      {all.length === 0 && <p class="empty">{t("palette.none")}</p>}
    </Panel>
  );
}
