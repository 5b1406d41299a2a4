// The centers as a strip: who takes contacts, who is silent, who is closed, and how many people stand behind it.
import { t } from "../words/words.ts";
import type { CenterRow } from "../wire.ts";
import { centers } from "./store.ts";

const WEIGHT = { silent: 0, taking: 1, closed: 2 };
const MARKS = { silent: "◆", taking: "●", closed: "○" };

function One({ it }: { it: CenterRow }) {
  return (
    <li class={`center ${it.state}`}>
      <p class="center-name"><span class="mark" aria-hidden="true">{MARKS[it.state]}</span> <strong>{it.name || it.center}</strong></p>
      <p class="center-state">{t(`center.${it.state}`)}</p>
      <p class="note">{t("center.people", { free: it.free, on: it.on_contact })}</p>
      {it.unsure > 0 && <p class="note">{t("center.unsure", { n: it.unsure })}</p>}
    </li>
  );
}

export function Centers() {
  const all = [...centers.value].sort((a, b) => WEIGHT[a.state] - WEIGHT[b.state] || a.name.localeCompare(b.name));
  return (
    <section class="card centers" aria-labelledby="centers">
      <div class="card-head"><h2 id="centers" tabIndex={-1}>{t("centers.title")}</h2></div>
      {all.length === 0 ? <p class="empty">{t("centers.none")}</p> : <ul class="strip">{all.map((it) => <One key={it.center} it={it} />)}</ul>}
    </section>
  );
}
