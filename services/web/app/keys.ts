// One table of what can be done by key. Each action has a name, a key that can be changed or switched off, and whether it may run while
// somebody writes: function keys and Ctrl do, single letters do not (WCAG 2.1.4).
import { computed, signal } from "@preact/signals";
import { keep, keyChoices } from "./settings.ts";
import type { Key } from "./words/words.ts";

export interface Action {
  id: string;
  name: Key;
  key: string;
  run(): void;
  /** Whether it makes sense now. */
  when?(): boolean;
}

export const actions = signal<Action[]>([]);
/** The key an action has now; "" for none. */
export const keyOf = computed(() => {
  const chosen = keyChoices.value;
  return new Map(actions.value.map((it) => [it.id, chosen[it.id] ?? it.key]));
});

export function setKey(id: string, key: string | null): void {
  const next = { ...keyChoices.value };
  if (key === null) delete next[id];
  else {
    // A key does one thing: whoever had it loses it.
    if (key !== "") for (const [other, has] of keyOf.value) if (has === key && other !== id) next[other] = "";
    next[id] = key;
  }
  keyChoices.value = next;
  keep("keys", next);
}

/** How a key is shown: arrows as arrows. */
export const shownKey = (key: string): string =>
  key.replace("ArrowUp", "↑").replace("ArrowDown", "↓").replace("ArrowLeft", "←").replace("ArrowRight", "→").replace("Escape", "Esc");

/** "Shift+F2", "Ctrl+K", "j": how a key press is written. */
export function pressed(event: KeyboardEvent): string {
  const named = event.key === " " ? "Space" : event.key;
  const key = named.length === 1 && (event.ctrlKey || event.metaKey) ? named.toUpperCase() : named;
  const shift = event.shiftKey && named.length > 1;
  return [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", shift ? "Shift" : "", key].filter(Boolean).join("+");
}

const writing = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function listen(): void {
  addEventListener("keydown", (event) => {
    if (event.isComposing || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    const key = pressed(event);
    if (key.length === 1 && writing(event.target)) return;
    const found = actions.value.find((it) => keyOf.value.get(it.id) === key);
    if (!found) return;
    // Also when it makes no sense now: F7 must not start caret browsing while somebody is typing.
    event.preventDefault();
    if (!event.repeat && (found.when?.() ?? true)) found.run();
  });
}
