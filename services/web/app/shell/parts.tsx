// The small pieces every face shares: a key's name, a severity, a panel that opens beside and gives focus back.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { keyOf, shownKey } from "../keys.ts";
import { t } from "../words/words.ts";
import type { Severity } from "../wire.ts";

/** The key of an action, as a hint; nothing if it has none. */
export function Kbd({ of }: { of: string }) {
  const key = keyOf.value.get(of);
  return key ? <kbd aria-hidden="true">{shownKey(key)}</kbd> : null;
}

const MARKS: Record<Severity, string> = { ok: "●", watch: "▲", act: "◆" };

/** Shape, word and weight; colour last. */
export function Chip({ severity, children }: { severity: Severity; children?: ComponentChildren }) {
  return (
    <span class={`chip ${severity}`}>
      <span class="mark" aria-hidden="true">{MARKS[severity]}</span>
      <span>{t(`severity.${severity}`)}{children}</span>
    </span>
  );
}

interface PanelProps { title: string; close: () => void; children: ComponentChildren; wide?: boolean }

/** A panel beside the work, not over it in the sense of a screen reader: offers can still be taken while it is open. Esc closes it. */
export function Panel({ title, close, children, wide }: PanelProps) {
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    (box.current?.querySelector<HTMLElement>("[data-first]") ?? box.current)?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <div class={`panel${wide ? " wide" : ""}`} role="dialog" aria-labelledby={id} tabIndex={-1} ref={box}
      onKeyDown={(event) => { if (event.key === "Escape") { event.stopPropagation(); close(); } }}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="quiet" onClick={close}>{t("close")}</button>
      </div>
      <div class="panel-body">{children}</div>
    </div>
  );
}

/** The place for what must be known now, in the page and never over it. It is there also when it is empty. */
export function Banner({ children }: { children: ComponentChildren }) {
  return <aside class="banners" aria-label={t("banners.label")}>{children}</aside>;
}

/** A dash that a screen reader can read. */
export function Nothing() {
  return <><span aria-hidden="true">–</span><span class="sr">{t("board.none_in_window")}</span></>;
}
