// Whom to ask: the pool first, since somebody in it is the soonest; or one person, with what is known of them and how sure that is.
import { signal } from "@preact/signals";
import { languageName } from "../words/languages.ts";
import { t } from "../words/words.ts";
import type { DeskContact, DeskPeer } from "../wire.ts";
import { isBusy, ready } from "./line.ts";
import { does } from "./say.ts";
import { peers } from "./store.ts";

const POOL = "";
const wanted = signal(POOL);
const find = signal("");
const type = signal("");
const SHOWN_MAX = 30;

type Standing = "free" | "busy" | "away" | "unsure";

/** Who has not been heard of for a moment reads "unsure", never "free". */
export function standing(it: DeskPeer, channel: string): Standing {
  if (it.presence === "unsure") return "unsure";
  if (it.presence === "offline" || !["available", "available_for"].includes(it.readiness)) return "away";
  return it.free.some((one) => one === channel) ? "free" : "busy";
}

const WEIGHT: Record<Standing, number> = { free: 0, busy: 1, unsure: 2, away: 3 };

export function AskWhom({ contact, toward }: { contact: DeskContact; toward: "peer" | "counselor" }) {
  const channel = contact.queue?.channel ?? "voice";
  const all = peers.value.filter((it) => it.kind === toward);
  const free = all.filter((it) => standing(it, channel) === "free" && (!type.value || it.peer_types.includes(type.value))).length;
  const kinds = [...new Set(all.flatMap((it) => it.peer_types))].sort();
  const words = find.value.trim().toLocaleLowerCase();
  const fits = all
    .filter((it) => !words || [it.name, ...it.peer_types, ...it.languages.map(languageName)].some((one) => one.toLocaleLowerCase().includes(words)))
    .sort((a, b) => WEIGHT[standing(a, channel)] - WEIGHT[standing(b, channel)] || a.name.localeCompare(b.name))
    .slice(0, SHOWN_MAX);
  const id = contact.contact_id;
  const ask = () => void does({ say: "start_handoff", contact_id: id, toward, peer_type: wanted.value ? "" : type.value, skills: [], wanted_id: wanted.value });
  return (
    <form onSubmit={(event) => { event.preventDefault(); ask(); }}>
      <fieldset class="whom">
        <legend>{t("whom.legend")}</legend>
        <label class="pick pool">
          <input type="radio" name="whom" checked={wanted.value === POOL} onChange={() => (wanted.value = POOL)} />
          <span><strong>{t(toward === "peer" ? "whom.pool" : "whom.pool_counselors")}</strong> <span class="note">{t("whom.free", { n: free })}</span></span>
        </label>
        {kinds.length > 1 && wanted.value === POOL && (
          <label class="field">{t("whom.type")}
            <select value={type.value} onChange={(event) => (type.value = event.currentTarget.value)}>
              <option value="">{t("whom.any_type")}</option>
              {kinds.map((it) => <option key={it} value={it}>{it}</option>)}
            </select>
          </label>
        )}
        {all.length > 4 && <label class="field">{t("whom.find")}<input type="search" value={find.value} onInput={(event) => (find.value = event.currentTarget.value)} /></label>}
        {fits.map((it) => {
          const how = standing(it, channel);
          return (
            <label class={`pick person ${how}`} key={it.counselor_id}>
              <input type="radio" name="whom" checked={wanted.value === it.counselor_id} disabled={how === "away"} onChange={() => (wanted.value = it.counselor_id)} />
              <span><strong>{it.name || it.counselor_id}</strong> <span class={`tag ${how === "free" ? "strong" : ""}`}>{t(`standing.${how}`)}</span>
                <span class="note block">{[...it.peer_types, ...it.languages.map(languageName)].join(" · ")}</span></span>
            </label>
          );
        })}
      </fieldset>
      <p class="row-actions"><button class="primary" disabled={!ready.value || isBusy("start_handoff", id)}>{t("whom.begin")}</button></p>
      <p class="note">{t("whom.nothing_yet")}</p>
    </form>
  );
}
