// A language by its name in the language of the screen.
import { lang } from "../settings.ts";

export function languageName(code: string): string {
  if (!code) return "";
  try {
    const name = new Intl.DisplayNames(lang.value, { type: "language" }).of(code) ?? code;
    return name.charAt(0).toLocaleUpperCase(lang.value) + name.slice(1);
  } catch {
    return code;
  }
}
