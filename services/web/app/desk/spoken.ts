// What a screen reader is told of the desk without being asked, beside offers and messages: that the line is cut and back, and help.
import { effect } from "@preact/signals";
import { say } from "../announce.ts";
import { freshness } from "../line/clock.ts";
import { t } from "../words/words.ts";
import { ended, self } from "./store.ts";

let cut = false;
effect(() => {
  const now = freshness.value;
  if (ended.value) return;
  if (now === "lost" && !cut) {
    cut = true;
    say(t("lost.desk"));
  } else if (now === "live" && cut) {
    cut = false;
    say(t("lost.back"));
  }
});

let help = "";
effect(() => {
  const it = self.value?.help ?? null;
  const next = it ? `${it.level} ${it.answered_by}` : "";
  if (next === help) return;
  help = next;
  if (it) say(`${t(`help.${it.level}`)}. ${it.answered_by ? t("help.answered", { name: it.answered_by }) : t("help.asked")}`);
});
