// Which rows are shown and in which order. Filters and sort live in the address. The order is held while somebody reads: pointer or
// focus in the table, or a row chosen; "Order changed" applies it.
import { computed, effect, signal } from "@preact/signals";
import type { QueueRow } from "../wire.ts";
import { allRows, changed, names, order, rows } from "./store.ts";

export const SORTS = ["urgency", "name", "waiting", "longest", "sl", "left", "free", "on_contact"] as const;
export type Sort = (typeof SORTS)[number];
export const ROWS_SHOWN = 40;

const asked = new URLSearchParams(location.search);
const isSort = (it: string | null): it is Sort => SORTS.includes(it as Sort);

export const region = signal(asked.get("region") ?? "");
export const need = signal(asked.get("need") ?? "");
export const channel = signal(asked.get("channel") ?? "");
const askedSort = asked.get("sort");
export const sort = signal<Sort>(isSort(askedSort) ? askedSort : "urgency");
export const selected = signal("");
export const pointerInside = signal(false);
export const focusInside = signal(false);

effect(() => {
  const to = new URLSearchParams(location.search);
  const put = (name: string, value: string, usual = "") => (value === usual ? to.delete(name) : to.set(name, value));
  put("region", region.value);
  put("need", need.value);
  put("channel", channel.value);
  put("sort", sort.value, "urgency");
  const query = to.toString();
  if (query !== location.search.slice(1)) history.replaceState(null, "", query ? `?${query}` : location.pathname);
});

export const regionName = (id: string): string => names.value.regions[id] ?? id;
export const needName = (id: string): string => names.value.needs[id] ?? id;

export function fits(row: QueueRow): boolean {
  const { queue } = row;
  return (!region.value || queue.region === region.value) && (!need.value || queue.need === need.value) && (!channel.value || queue.channel === channel.value);
}

export const filtered = computed(() => Boolean(region.value || need.value || channel.value));

function by(kind: Sort): ((a: QueueRow, b: QueueRow) => number) | null {
  const part = (it: { part: number; whole: number }, none: number) => (it.whole ? it.part / it.whole : none);
  switch (kind) {
    case "urgency":
      return null;
    case "name":
      return (a, b) => regionName(a.queue.region).localeCompare(regionName(b.queue.region)) || a.key.localeCompare(b.key);
    case "waiting":
      return (a, b) => b.waiting - a.waiting;
    case "longest":
      return (a, b) => (a.longest_since_ms || Infinity) - (b.longest_since_ms || Infinity) || 0;
    case "sl":
      return (a, b) => part(a.sl, 2) - part(b.sl, 2);
    case "left":
      return (a, b) => part(b.left, -1) - part(a.left, -1);
    case "free":
      return (a, b) => a.free - b.free;
    case "on_contact":
      return (a, b) => b.on_contact - a.on_contact;
  }
}

/** The order as it is now, whoever reads. */
const wanted = computed(() => {
  changed.value;
  const all = order.value.flatMap((key) => rows.get(key)?.peek() ?? []).filter(fits);
  const compare = by(sort.value);
  if (compare) all.sort((a, b) => compare(a, b) || 0);
  return all.slice(0, allRows.value ? all.length : ROWS_SHOWN).map((it) => it.key);
});

/** The order on the screen. */
export const shown = signal<string[]>([]);
export const holding = computed(() => pointerInside.value || focusInside.value || selected.value !== "");
/** How many rows stand elsewhere than they would. */
export const moved = computed(() => {
  const now = wanted.value;
  const was = shown.value;
  return now.filter((key, at) => was[at] !== key).length || Math.max(0, was.length - now.length);
});

/** Brings the order up to date. A row that is moved loses focus in the browser; it gets it back. */
export function applyOrder(): void {
  const focused = document.activeElement?.closest<HTMLElement>("[data-key]")?.dataset["key"];
  shown.value = wanted.value;
  if (focused) setTimeout(() => focusRow(focused), 0);
  if (selected.value && !shown.value.includes(selected.value)) selected.value = "";
}

effect(() => {
  const now = wanted.value;
  const same = now.length === shown.peek().length && now.every((it, at) => it === shown.peek()[at]);
  if (!same && (!holding.value || shown.peek().length === 0)) applyOrder();
});

// A filter or sort of the reader's own is applied at once: they asked for it.
effect(() => {
  region.value, need.value, channel.value, sort.value, allRows.value;
  queueMicrotask(applyOrder);
});

export function focusRow(key: string): void {
  document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"] .row-name`)?.focus();
}

export function move(by: 1 | -1): void {
  const at = shown.value.indexOf(selected.value);
  const next = at < 0 ? (by === 1 ? 0 : shown.value.length - 1) : Math.min(shown.value.length - 1, Math.max(0, at + by));
  selected.value = shown.value[next] ?? "";
}
