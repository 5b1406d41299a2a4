// Times as people read them: how long as m:ss, how long in words for a screen reader, and the time of day.
import { lang } from "../settings.ts";
import { t } from "./words.ts";

/** 0:09, 12:40, 1:02:00. */
export function span(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 1000));
  const two = (it: number) => String(it).padStart(2, "0");
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export function spanInWords(ms: number): string {
  const all = Math.max(0, Math.round(ms / 1000));
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const parts = [h > 0 ? t("span.h", { n: h }) : "", m > 0 ? t("span.m", { n: m }) : "", s > 0 || all === 0 ? t("span.s", { n: s }) : ""];
  return parts.filter(Boolean).join(" ");
}

/** The time of day on this machine; with seconds where it says as of when something was true. */
export function timeOfDay(at: number, seconds = false): string {
  return new Intl.DateTimeFormat(lang.value, {
    hour: "2-digit", minute: "2-digit", ...(seconds ? { second: "2-digit" } : {}), hour12: false,
  }).format(at);
}
