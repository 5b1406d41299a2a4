// What must be known when the line is cut: what is so, what it means, what happens next. In the page, never over it.
import { asOf, freshness } from "../line/clock.ts";
import { signedOut } from "../line/line.ts";
import { timeOfDay } from "../words/spans.ts";
import { t } from "../words/words.ts";
import { trying } from "./Freshness.tsx";

export function Banners({ face }: { face: "board" | "desk" }) {
  if (signedOut.value) {
    return <p class="banner act" role="note"><strong>{t("signed_out.title")}</strong> {t("signed_out.what")} <a href="/">{t("signed_out.again")}</a></p>;
  }
  if (freshness.value !== "lost") return null;
  return (
    <p class="banner stale" role="note">
      <strong>{face === "desk" ? t("lost.desk") : asOf.value ? t("lost.board", { at: timeOfDay(asOf.value, true) }) : t("lost.board_never")}</strong>{" "}
      <span role="timer" aria-live="off">{trying}</span>
      {face === "board" && <>{" "}<a href="/board/plain">{t("lost.plain")}</a></>}
    </p>
  );
}
