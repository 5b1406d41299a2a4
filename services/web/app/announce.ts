// What a screen reader is told without being asked. The two regions stand in the page from the start. Timers never speak here.

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
