// Focus that would be lost: when what was focused goes away because a step is done, the keyboard goes on at the next one. Nobody's focus
// is taken: only if it has already fallen to the page itself.
import { useEffect, useRef } from "preact/hooks";

export function useRescue(step: unknown, ...places: string[]): void {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    rescue(places);
  }, [step]);
}

/** The first of these that is there. */
export function focusFirst(places: string[]): void {
  for (const place of places) {
    const found = document.querySelector<HTMLElement>(place);
    if (found) return found.focus({ preventScroll: true });
  }
}

function rescue(places: string[]): void {
  setTimeout(() => {
    if (document.activeElement === document.body || document.activeElement === null) focusFirst(places);
  }, 0);
}
