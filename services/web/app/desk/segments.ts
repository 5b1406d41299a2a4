// How many parts a text message will be sent in: 160 characters of the phone alphabet alone, 153 in each of several; 70 and 67 as soon
// as one character is outside of it.

const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const TWO = "^{}\\[~]|€\f";

export interface Segments { characters: number; parts: number; bytes: number }

export function segments(words: string): Segments {
  const bytes = new TextEncoder().encode(words).length;
  let units = 0;
  for (const one of words) {
    if (BASIC.includes(one)) units += 1;
    else if (TWO.includes(one)) units += 2;
    else return { characters: [...words].length, bytes, parts: words.length <= 70 ? 1 : Math.ceil(words.length / 67) };
  }
  return { characters: [...words].length, bytes, parts: units === 0 ? 0 : units <= 160 ? 1 : Math.ceil(units / 153) };
}
