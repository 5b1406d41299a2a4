// What is being written, per contact: a message, or in a write-up the note. Kept here while it is typed and on the server every two
// seconds; never in the browser's storage, which outlives the shift.
import { signal } from "@preact/signals";
import { command, ready } from "./line.ts";
import { contacts, drafts as kept, watch, writingUp } from "./store.ts";

const SAVE_MS = 2_000;

/** The words as they stand in the box. */
export const writing = signal<Record<string, string>>({});
/** What was last given to the server to keep, by contact: on its way, or there. */
const saved = new Map<string, string>();
/** A message that was being written when the contact ended, by contact: it is shown as not sent, and never becomes the note. */
export const unsent = signal<Record<string, string>>({});
/** When something was last typed, per contact, on the page's own clock. */
const typedAt = new Map<string, number>();
export const sinceTypedMs = (contact: string): number => performance.now() - (typedAt.get(contact) ?? Number.NEGATIVE_INFINITY);
/** How many of the person's messages had come when the writing began; absent if nothing is being written. */
export const begunAt = signal<Record<string, number>>({});

export const draftOf = (contact: string): string => writing.value[contact] ?? kept.value[contact] ?? "";
/** Whether the server has the words as they stand. */
export const isKept = (contact: string): boolean => draftOf(contact) === (kept.value[contact] ?? "");

function theirs(contact: string): number {
  const it = contacts.value.find((one) => one.contact_id === contact);
  return it ? it.messages.filter((one) => one.author === "person").length : 0;
}

export function write(contact: string, words: string): void {
  const before = draftOf(contact);
  typedAt.set(contact, performance.now());
  writing.value = { ...writing.value, [contact]: words };
  if (words === "") forgetBegun(contact);
  else if (before === "" || begunAt.value[contact] === undefined) begunAt.value = { ...begunAt.value, [contact]: theirs(contact) };
}

/** What failed or was not sent, to be written anew after what stands there. */
export function writeAgain(contact: string, words: string): void {
  write(contact, [draftOf(contact), words].filter(Boolean).join("\n"));
}

/** Messages of the person that came since the writing began. */
export function newSince(contact: string): number {
  const begun = begunAt.value[contact];
  return begun === undefined ? 0 : Math.max(0, theirs(contact) - begun);
}

export function readNow(contact: string): void {
  begunAt.value = { ...begunAt.value, [contact]: theirs(contact) };
}

function without<It>(all: Record<string, It>, contact: string): Record<string, It> {
  const { [contact]: _, ...rest } = all;
  return rest;
}

function forgetBegun(contact: string): void {
  begunAt.value = without(begunAt.value, contact);
}

async function save(contact: string, words: string): Promise<void> {
  const before = saved.get(contact);
  saved.set(contact, words);
  const answer = await command({ say: "save_draft", contact_id: contact, words });
  if (answer.code !== "ok") {
    if (before === undefined) saved.delete(contact);
    else saved.set(contact, before);
    return;
  }
  // Its contact may have gone meanwhile, and its words with it.
  if (contacts.value.some((it) => it.contact_id === contact)) kept.value = { ...kept.value, [contact]: words };
}

/** Nothing left to write: the server forgets it too. */
export function clear(contact: string): void {
  writing.value = { ...writing.value, [contact]: "" };
  forgetBegun(contact);
  if (ready.value) void save(contact, "");
}

function drop(contact: string): void {
  writing.value = without(writing.value, contact);
}

setInterval(() => {
  if (!ready.value) return;
  for (const [contact, words] of Object.entries(writing.value)) {
    if (words !== (saved.get(contact) ?? kept.value[contact] ?? "")) void save(contact, words);
  }
}, SAVE_MS);

watch({
  snapshot: () => {
    // A service that was started anew has no drafts, so nothing counts as kept any more. Where it has one, what this window had kept
    // there gives way to it: another window may have gone on with it.
    for (const [contact, words] of Object.entries(writing.value)) {
      if (kept.value[contact] !== undefined && saved.get(contact) === words) drop(contact);
    }
    saved.clear();
  },
  contactMoved: (contact, before) => {
    const words = draftOf(contact.contact_id).trim();
    if (!before || writingUp(before) || !writingUp(contact) || before.queue?.channel === "voice" || !words) return;
    unsent.value = { ...unsent.value, [contact.contact_id]: words };
    clear(contact.contact_id);
  },
  // Afterwards, so that whoever else hears of it can still say what became of the words.
  contactGone: ({ contact_id: id }) => queueMicrotask(() => {
    drop(id);
    unsent.value = without(unsent.value, id);
    kept.value = without(kept.value, id);
    typedAt.delete(id);
    saved.delete(id);
    forgetBegun(id);
  }),
});
