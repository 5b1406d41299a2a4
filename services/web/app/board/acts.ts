// What a supervisor pressed: said under a request id of its own, shown as on its way until it is answered, said again under the same id
// after a cut, and told of if it was not done. Somebody waits for "I will help": no press of it is lost in silence.
import { computed, signal } from "@preact/signals";
import { say } from "../announce.ts";
import { freshness } from "../line/clock.ts";
import { connected } from "../line/line.ts";
import { requestId } from "../line/request_id.ts";
import { hasWord, t } from "../words/words.ts";
import { heard, sayBoard, type What } from "./store.ts";

/** What was pressed and has no answer for so long is over, as not confirmed: it must not come true long afterwards. */
const UNCONFIRMED_MS = 12_000;

const pending = new Map<string, What>();

/** What is on its way, by what it is and whom it is about. */
const busy = signal<ReadonlySet<string>>(new Set());
const about = (it: What): string => `${it.say}:${"decision" in it ? it.decision : "counselor_id" in it ? it.counselor_id : ""}`;
export const isOnTheWay = (it: What): boolean => busy.value.has(about(it));

/** Whether what is pressed now is heard: not over a line that is cut, or so silent that it may be. */
export const canAct = computed(() => connected.value && freshness.value !== "lost");

/** What was not done and why, until it is closed. */
export const refusal = signal("");

function refuse(reason: string, message = ""): void {
  // The reasons are stable words; what is not among them is told in the server's own.
  const key = `not_done.${reason.toLowerCase()}`;
  refusal.value = hasWord(key) ? t(key) : message || t("not_done.other");
  say(refusal.value);
}

function show(): void {
  busy.value = new Set([...pending.values()].map(about));
}

export function act(it: What): void {
  if (isOnTheWay(it)) return;
  if (!canAct.value) return refuse("not_connected");
  const id = requestId();
  pending.set(id, it);
  show();
  sayBoard(it, id);
  setTimeout(() => {
    if (!pending.delete(id)) return;
    show();
    refuse("unavailable");
  }, UNCONFIRMED_MS);
}

heard.open = () => {
  for (const [id, it] of pending) sayBoard(it, id);
};

heard.answer = (it) => {
  pending.delete(it.request_id);
  show();
  if (it.code === "refused") refuse(it.reason, it.message);
};
