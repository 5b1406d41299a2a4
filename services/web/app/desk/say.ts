// Says a command and tells the person if it was not done. What went well shows by itself: the state it changed comes from the server.
import { signal } from "@preact/signals";
import { say } from "../announce.ts";
import { lang } from "../settings.ts";
import { hasWord, t } from "../words/words.ts";
import { command, type Answer, type Command } from "./line.ts";

/** `written`: what somebody wrote and would lose; shown, and never read aloud. */
export interface Notice { id: number; words: string; kind: "told" | "refused"; written: string }

/** What was just told, newest last. What was told goes by itself after a while; what was refused stays until it is closed. */
export const notices = signal<Notice[]>([]);
const NOTICES_MAX = 4;
const TOLD_MS = 12_000;
let last = 0;

export function notice(words: string, kind: Notice["kind"] = "told", written = ""): void {
  last += 1;
  notices.value = [...notices.value, { id: last, words, kind, written }].slice(-NOTICES_MAX);
  say(words);
  const mine = last;
  if (kind === "told") setTimeout(() => close(mine), TOLD_MS);
}

export function close(id: number): void {
  notices.value = notices.value.filter((it) => it.id !== id);
}

export function why(answer: Answer): string {
  // The reasons are stable words; what is not among them is told in the server's own.
  const key = `refused.${answer.reason.toLowerCase()}`;
  if (hasWord(key)) return t(key);
  if (answer.message) return answer.message;
  return answer.code === "unavailable" ? t("refused.unavailable") : t("refused.other");
}

/** Why the server ended this desk. */
export function whyEnded({ reason, message }: { reason: string; message: string }): string {
  const key = `refused.${reason.toLowerCase()}`;
  if (hasWord(key)) return t(key);
  // "refused" alone does not say which refusal it was; the server's words do, and they are English.
  if (reason === "refused") return lang.value === "en" && message ? message : t("ended.refused");
  return message || t("ended.what");
}

export async function does(it: Command): Promise<boolean> {
  const answer = await command(it);
  if (answer.code === "ok") return true;
  notice(why(answer), "refused");
  return false;
}
