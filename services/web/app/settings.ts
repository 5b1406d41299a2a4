// What a person set for themselves on this machine: language, theme, keys, sound. Nothing of anybody's contacts is ever stored here.
import { effect, signal } from "@preact/signals";

export type Lang = "en" | "es";
export type Theme = "system" | "light" | "dark" | "contrast";

function read<T>(key: string, whether: (it: unknown) => it is T): T | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(`holdfast.${key}`) ?? "null");
    return whether(found) ? found : null;
  } catch {
    return null;
  }
}

export function keep(key: string, value: unknown): void {
  try {
    localStorage.setItem(`holdfast.${key}`, JSON.stringify(value));
  } catch {
    // A browser that stores nothing asks again next time.
  }
}

const isLang = (it: unknown): it is Lang => it === "en" || it === "es";
const isTheme = (it: unknown): it is Theme => it === "system" || it === "light" || it === "dark" || it === "contrast";
const isNumber = (it: unknown): it is number => typeof it === "number" && it >= 0 && it <= 100;
const isKeys = (it: unknown): it is Record<string, string> =>
  typeof it === "object" && it !== null && Object.values(it).every((key) => typeof key === "string");

/** The address wins, then what was chosen, then what the browser asks for. */
function firstLang(): Lang {
  const asked = new URLSearchParams(location.search).get("lang");
  if (isLang(asked)) return asked;
  return read("lang", isLang) ?? (navigator.languages.find((it) => /^(en|es)\b/.test(it))?.startsWith("es") ? "es" : "en");
}

export const lang = signal<Lang>(firstLang());
export const theme = signal<Theme>(read("theme", isTheme) ?? "system");
/** Action to key, where it differs from the default; "" is off. */
export const keyChoices = signal<Record<string, string>>(read("keys", isKeys) ?? {});
export const volume = signal(read("volume", isNumber) ?? 70);
export const tune = signal(read("tune", isNumber) ?? 0);

effect(() => {
  document.documentElement.lang = lang.value;
  document.documentElement.dataset["theme"] = theme.value;
});

export function setLang(to: Lang): void {
  lang.value = to;
  keep("lang", to);
}

export function setTheme(to: Theme): void {
  theme.value = to;
  keep("theme", to);
}
