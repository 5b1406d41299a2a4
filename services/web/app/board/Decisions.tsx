// What calls for a decision now, with the one or two things to do about it. Something that asks for nothing is not listed.
import { Chip } from "../shell/parts.tsx";
import { t } from "../words/words.ts";
import type { Decision } from "../wire.ts";
import { boardNow, decisionWords } from "./reading.ts";
import { decisions, sayBoard } from "./store.ts";
import { useComputed } from "@preact/signals";

function One({ it }: { it: Decision }) {
  const words = useComputed(() => decisionWords(it, boardNow.value));
  return (
    <li class={`decision ${it.severity}${it.acknowledged_by ? " seen" : ""}`}>
      <p><Chip severity={it.severity} /> <span>{words}</span></p>
      <p class="row-actions">
        {it.kind === "help" && !it.acknowledged_by && (
          <button type="button" class="small primary" data-acknowledge={it.id} onClick={() => sayBoard({ say: "answer_help", counselor_id: it.who })}>{t("decision.answer_help")}</button>
        )}
        {it.acknowledged_by
          ? <span class="note">{t("decision.acknowledged", { name: it.acknowledged_by })}</span>
          : it.kind !== "help" && (
            <button type="button" class="small" data-acknowledge={it.id} onClick={() => sayBoard({ say: "acknowledge", decision: it.id })}>{t("decision.acknowledge")}</button>
          )}
      </p>
    </li>
  );
}

export function Decisions() {
  const all = decisions.value;
  return (
    <section class="card decisions" aria-labelledby="decisions">
      <div class="card-head"><h2 id="decisions" tabIndex={-1}>{t("decisions.title")}</h2>{all.length > 0 && <span class="count">{all.length}</span>}</div>
      {all.length === 0
        ? <p class="empty">{t("decisions.none")}</p>
        : <ul class="plain">{all.map((it) => <One key={it.id} it={it} />)}</ul>}
    </section>
  );
}
