// Every word on the screen, in the language that is chosen. A message is a sentence with places in braces, or one sentence per plural
// form of `n`; nothing is put together from halves, since languages put their halves elsewhere.
import { lang, type Lang } from "../settings.ts";
import type { board } from "./en/board.ts";
import type { desk } from "./en/desk.ts";
import { shell as en } from "./en/shell.ts";
import { shell as es } from "./es/shell.ts";

export type Message = string | { one: string; other: string };
export type Key = keyof typeof en | keyof typeof board | keyof typeof desk;
export type Fill = Record<string, string | number>;

/** What every face says; each face adds its own, so that none carries another's. */
const all: Record<Lang, Partial<Record<Key, Message>>> = { en: { ...en }, es: { ...es } };

export function addWords(more: Record<Lang, Partial<Record<Key, Message>>>): void {
  Object.assign(all.en, more.en);
  Object.assign(all.es, more.es);
}

const plurals: Record<Lang, Intl.PluralRules> = { en: new Intl.PluralRules("en"), es: new Intl.PluralRules("es") };

export function hasWord(key: string): key is Key {
  return key in all.en;
}

export function t(key: Key, fill: Fill = {}): string {
  const here = lang.value;
  const message = all[here][key] ?? key;
  const form = typeof message === "string" ? message : plurals[here].select(Number(fill["n"] ?? 0)) === "one" ? message.one : message.other;
  return form.replace(/\{(\w+)\}/g, (_, name: string) => {
    const it = fill[name];
    return typeof it === "number" ? number(it) : (it ?? "");
  });
}

const memo = new Map<string, Intl.NumberFormat>();

export function number(it: number, options: Intl.NumberFormatOptions = {}): string {
  const key = lang.value + JSON.stringify(options);
  let format = memo.get(key);
  if (!format) memo.set(key, (format = new Intl.NumberFormat(lang.value, options)));
  return format.format(it);
}

/** Part of a whole as percent with one decimal; a dash for nothing of nothing. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : number(part / whole, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
}
