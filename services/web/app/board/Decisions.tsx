// What calls for a decision now, with the one or two things to do about it. Something that asks for nothing is not listed.
import { useComputed } from "@preact/signals";
import { useId } from "preact/hooks";
import { useRescue } from "../shell/focus.ts";
import { Chip } from "../shell/parts.tsx";
import { t } from "../words/words.ts";
import type { Decision } from "../wire.ts";
import { act, canAct, isOnTheWay } from "./acts.ts";
import { boardNow, decisionWords } from "./reading.ts";
import { decisions, type What } from "./store.ts";

/** A button that cannot be pressed now keeps its focus and says why: whoever wants to help must not have to find it again. */
function Answer({ it }: { it: Decision }) {
  const id = useId();
  const help = it.kind === "help";
  const what: What = help ? { say: "answer_help", counselor_id: it.who } : { say: "acknowledge", decision: it.id };
  const onTheWay = isOnTheWay(what);
  const why = onTheWay ? t("decision.on_the_way") : canAct.value ? "" : t("decision.not_connected");
  return (
    <>
      <button type="button" class={help && !why ? "small primary" : "small"} data-acknowledge={it.id} aria-disabled={why !== ""} aria-describedby={id}
        onClick={() => act(what)}>{t(help ? "decision.answer_help" : "decision.acknowledge")}</button>
      <span class="note" id={id}>{why}</span>
    </>
  );
}

function One({ it }: { it: Decision }) {
  const words = useComputed(() => decisionWords(it, boardNow.value));
  useRescue(it.acknowledged_by, "#decisions");
  return (
    <li class={`decision ${it.severity}${it.acknowledged_by ? " seen" : ""}`}>
      <p><Chip severity={it.severity} /> <span>{words}</span></p>
      <p class="row-actions">
        {it.acknowledged_by ? <span class="note">{t("decision.acknowledged", { name: it.acknowledged_by })}</span> : <Answer it={it} />}
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
