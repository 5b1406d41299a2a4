// The mock's network clock. It is far from this machine's own on purpose: a page that used its own would be wrong by years.
export const OFFSET_MS = 1_000_000_000;
export const networkNow = (): number => Math.round(OFFSET_MS + performance.now());
