// What was written and is not yet in the conversation. A message gets its request id when Send is pressed and keeps it through every
// cut and every try: the server knows it again, so that a person gets it once. It leaves when the server's own message shows its id.
import { signal } from "@preact/signals";
import { command } from "./line.ts";
import { watch } from "./store.ts";
import { why } from "./say.ts";

export interface Outgoing {
  id: string;
  contact_id: string;
  words: string;
  /** "waiting": for the connection or an answer. "taken": the server has it and will show it. "failed": with the reason. */
  state: "waiting" | "taken" | "failed";
  reason: string;
}

export const outbox = signal<Outgoing[]>([]);

function put(id: string, change: Partial<Outgoing>): void {
  outbox.value = outbox.value.map((it) => (it.id === id ? { ...it, ...change } : it));
}

export function send(id: string, contact_id: string, words: string): void {
  outbox.value = [...outbox.value, { id, contact_id, words, state: "waiting", reason: "" }];
  void go(id, contact_id, words);
}

/** The same message again, under the same id. */
export function again(it: Outgoing): void {
  put(it.id, { state: "waiting", reason: "" });
  void go(it.id, it.contact_id, it.words);
}

export function discard(id: string): void {
  outbox.value = outbox.value.filter((it) => it.id !== id);
}

async function go(id: string, contact_id: string, words: string): Promise<void> {
  const answer = await command({ say: "send_text", contact_id, words }, { id, waits: true });
  if (answer.code === "ok") put(id, { state: "taken" });
  else put(id, { state: "failed", reason: why(answer) });
}

watch({
  message: (it) => {
    if (it.request_id) discard(it.request_id);
  },
});
