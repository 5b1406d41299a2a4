// The bar on top of every face: product, who is looking, the face's own controls, freshness, language, theme, help.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { boot } from "../boot.ts";
import { lang, setLang, setTheme, theme, type Theme } from "../settings.ts";
import { t } from "../words/words.ts";
import { FreshnessChip } from "./Freshness.tsx";
import { Kbd } from "./parts.tsx";

interface Props { title: string; scope: string; help: () => void; children?: ComponentChildren }

export function TopBar({ title, scope, help, children }: Props) {
  return (
    <header class="top">
      <h1><img src={iconOf()} alt="" width="22" height="22" /> {title}</h1>
      <span class="scope">{scope}</span>
      {children}
      <span class="grow" />
      <FreshnessChip />
      <Look />
      <button type="button" class="quiet" onClick={help} aria-haspopup="dialog">{t("help")} <Kbd of="help" /></button>
    </header>
  );
}

/** The page's own icon: the one file it is sure to have. */
function iconOf(): string {
  return document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href ?? "";
}

const THEMES: Theme[] = ["system", "light", "dark", "contrast"];

/** Language, theme and the other faces. */
function Look() {
  const [open, setOpen] = useState(false);
  return (
    <div class="menu" onKeyDown={(event) => { if (event.key === "Escape") setOpen(false); }}
      onFocusOut={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOpen(false); }}>
      <button type="button" class="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t("look")} <span aria-hidden="true">▾</span>
      </button>
      {open && (
        <div class="menu-body">
          <fieldset>
            <legend>{t("language")}</legend>
            {(["en", "es"] as const).map((it) => (
              <label key={it} class="pick" lang={it}>
                <input type="radio" name="lang" checked={lang.value === it} onChange={() => setLang(it)} /> {it === "en" ? "English" : "Español"}
              </label>
            ))}
          </fieldset>
          <fieldset>
            <legend>{t("theme")}</legend>
            {THEMES.map((it) => (
              <label key={it} class="pick">
                <input type="radio" name="theme" checked={theme.value === it} onChange={() => setTheme(it)} /> {t(`theme.${it}`)}
              </label>
            ))}
          </fieldset>
          <nav aria-label={t("faces")}>
            {boot.board && <a href="/board">{t("board.title")}</a>}
            {boot.board && <a href="/wall">{t("wall.title")}</a>}
            {boot.desk && <a href="/desk">{t("desk.title")}</a>}
          </nav>
          <form method="post" action="/sign-out"><button class="quiet">{t("sign_out")}</button></form>
        </div>
      )}
    </div>
  );
}
