// Everything the desk can do by key or by name, in one table: the keys, the palette and the help all read it.
import { computed, signal } from "@preact/signals";
import { say } from "../announce.ts";
import { actions } from "../keys.ts";
import { focusFirst } from "../shell/focus.ts";
import { helpOpen } from "../shell/Keys.tsx";
import type { DeskContact } from "../wire.ts";
import { trySend } from "./Composer.tsx";
import { contactState, contactTitle } from "./Conversations.tsx";
import { handoffOpen } from "./Handoff.tsx";
import { askHelp, helpAsked } from "./HelpPane.tsx";
import { isBusy, ready } from "./line.ts";
import { accept, notNow } from "./offers.ts";
import { does } from "./say.ts";
import { become, stage } from "./shift.ts";
import { muted, setMuted } from "./sound.ts";
import { contacts, lease, mayWrite, openContact, openId, openOffers, self, takingOver, underWay, writingUp } from "./store.ts";

export const shield = signal(false);
export const paletteOpen = signal(false);

const owned = (it: DeskContact | null): it is DeskContact => it !== null && (it.part === "owner" || it.part === null) && !writingUp(it);
const first = () => (lease.value ? openOffers.value[0] : undefined);

export const canHandOver = computed(() => {
  const it = openContact.value;
  return owned(it) && !takingOver(it) && it.state === "connected" && (ready.value || underWay(it.handoff));
});

const focusSoon = (id: string) => setTimeout(() => document.getElementById(id)?.focus(), 0);

export function openHandoff(): void {
  handoffOpen.value = true;
  focusSoon("handoff");
}

function openHelp(): void {
  helpAsked.value = true;
  focusSoon("help-title");
}

/** To the next conversation, and into its message box, since that is where one was. */
function step(by: 1 | -1): void {
  const all = contacts.value;
  if (all.length === 0) return;
  const wrote = document.activeElement instanceof HTMLTextAreaElement;
  const at = all.findIndex((it) => it.contact_id === openId.value);
  openId.value = all[(at + by + all.length) % all.length]?.contact_id ?? "";
  const it = openContact.value;
  if (it) say(`${contactTitle(it)}, ${contactState(it)}`);
  if (wrote) setTimeout(() => focusFirst(["#compose", "#note", "#pane"]), 0);
}

function hold(): void {
  const it = openContact.value;
  if (it && !isBusy("hold_person", it.contact_id)) void does({ say: "hold_person", contact_id: it.contact_id, on: !it.held });
}

/** Esc closes what is open, the newest first. It never ends a contact. */
function closePanel(): void {
  if (paletteOpen.value) paletteOpen.value = false;
  else if (helpOpen.value) helpOpen.value = false;
  else if (helpAsked.value && !self.value?.help) helpAsked.value = false;
  else if (handoffOpen.value && !underWay(openContact.value?.handoff ?? null)) handoffOpen.value = false;
}

const atWork = () => stage.value === "working" && Boolean(lease.value);

export function setActions(): void {
  actions.value = [
    { id: "accept", name: "key.accept", key: "F2", run: () => { const it = first(); if (it) void accept(it); }, when: () => ready.value && Boolean(first()) },
    { id: "not_now", name: "key.not_now", key: "Shift+F2", run: () => { const it = first(); if (it) notNow(it); }, when: () => ready.value && Boolean(first()) },
    { id: "hold", name: "key.hold", key: "F7", run: hold, when: () => owned(openContact.value) && openContact.value.queue?.channel === "voice" && openContact.value.state === "connected" && ready.value },
    { id: "send", name: "key.send", key: "Ctrl+Enter", run: () => { const it = openContact.value; if (it) trySend(it); }, when: () => atWork() && openContact.value !== null && mayWrite(openContact.value) },
    { id: "hand_over", name: "key.hand_over", key: "F10", run: openHandoff, when: () => canHandOver.value },
    { id: "help_ask", name: "key.help_ask", key: "F9", run: openHelp, when: atWork },
    { id: "emergency", name: "key.emergency", key: "Shift+F9", run: () => askHelp("emergency"), when: () => atWork() && ready.value },
    { id: "previous", name: "key.previous", key: "Ctrl+ArrowUp", run: () => step(-1), when: atWork },
    { id: "next", name: "key.next", key: "Ctrl+ArrowDown", run: () => step(1), when: atWork },
    { id: "shield", name: "key.shield", key: "F8", run: () => (shield.value = !shield.value) },
    { id: "palette", name: "key.palette", key: "Ctrl+K", run: () => (paletteOpen.value = !paletteOpen.value), when: atWork },
    { id: "help", name: "key.help", key: "F1", run: () => (helpOpen.value = !helpOpen.value) },
    { id: "close", name: "key.close", key: "Escape", run: closePanel },
    { id: "available", name: "readiness.available", key: "", run: () => become("available"), when: () => atWork() && ready.value },
    { id: "break", name: "readiness.break", key: "", run: () => become("break"), when: () => atWork() && ready.value },
    { id: "mute", name: "key.mute_ring", key: "", run: () => setMuted(!muted.value) },
  ];
}
