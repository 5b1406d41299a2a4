// What a screen reader is told without being asked, and what the browser shows of a page that is out of sight. The two regions stand in
// the page from the start. Timers never speak here.

function put(id: "polite" | "assertive", words: string): void {
  const region = document.getElementById(id);
  if (!region) return;
  // The same words twice are a change only if something else stood there in between.
  region.textContent = region.textContent === words ? `${words}\u00a0` : words;
}

/** When there is time for it. */
export const say = (words: string): void => put("polite", words);
/** At once, over whatever is being read. Only for an offer, twice: when it comes and five seconds before it ends. */
export const interrupt = (words: string): void => put("assertive", words);

/** A notice of the browser, in place of the last one under the same tag, if the page is out of sight and notices are allowed. Pressed, it
    brings the page back. It makes no sound of its own, and nothing of what anybody wrote belongs in it. */
export function nudge(words: string, tag: string): Notification | null {
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return null;
  const shown = new Notification(words, { tag, silent: true });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
  return shown;
}
