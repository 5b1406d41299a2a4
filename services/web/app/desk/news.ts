// A message of a person that is not before the reader's eyes, because another conversation is open or the tab is hidden: said once, counted
// in the title, one soft note, and a notice of the browser without content. Nothing of what was written leaves the conversation.
import { effect, signal } from "@preact/signals";
import { nudge, say } from "../announce.ts";
import { serverNow } from "../line/clock.ts";
import { t } from "../words/words.ts";
import { contactTitle } from "./Conversations.tsx";
import { soften } from "./sound.ts";
import { contacts, lease, openId, unread, watch } from "./store.ts";

const SOFT_MS = 3_000;
/** What was written longer than this before the page heard of a contact is not news. */
const YOUNG_MS = 10_000;

const hidden = signal(document.hidden);
addEventListener("visibilitychange", () => (hidden.value = document.hidden), true);

/** The number of the last message known, by contact, and since when what is written there is news. */
const known = new Map<string, { last: number; since: number }>();
let softAt = Number.NEGATIVE_INFINITY;
let shown: Notification | null = null;

function forget(id: string): void {
  const { [id]: _, ...rest } = unread.value;
  unread.value = rest;
}

// What is open and in sight is read.
effect(() => {
  if (hidden.value) return;
  if (openId.value in unread.value) forget(openId.value);
  shown?.close();
  shown = null;
});

function tell(id: string): void {
  const it = contacts.value.find((one) => one.contact_id === id);
  if (!it) return;
  unread.value = { ...unread.value, [id]: (unread.value[id] ?? 0) + 1 };
  say(t("news.came", { who: contactTitle(it) }));
  if (performance.now() - softAt >= SOFT_MS) {
    softAt = performance.now();
    soften();
  }
  shown = nudge(t("news.notice"), "message") ?? shown;
}

watch({
  message: (it) => {
    const { last, since } = known.get(it.contact_id) ?? { last: 0, since: serverNow() - YOUNG_MS };
    known.set(it.contact_id, { last: Math.max(last, it.number), since });
    const news = it.number > last && it.at_ms > since;
    if (it.author !== "person" || !news || !lease.value || (openId.value === it.contact_id && !document.hidden)) return;
    tell(it.contact_id);
  },
  contactGone: (it) => {
    known.delete(it.contact_id);
    forget(it.contact_id);
  },
});
