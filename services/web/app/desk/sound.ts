// The ring. Each offer's sound is started and stopped on the audio clock the moment the offer comes, so that it needs no timer, which a
// browser slows in the background, and can never outlive the offer. Soft attack, two notes, a pause.
import { signal } from "@preact/signals";
import { tune, volume } from "../settings.ts";

export type Sound = "off" | "on" | "blocked" | "muted";

/** What is true of the sound, from the audio device's own word; never inferred. */
export const sound = signal<Sound>("off");
export const muted = signal(false);

/** Five pairs of notes, in hertz. */
export const TUNES = [[523.25, 659.25], [440, 587.33], [392, 523.25], [587.33, 783.99], [349.23, 440]] as const;
const LOOP_S = 3;
const RAMP_S = 0.3;

let context: AudioContext | null = null;
const ringing = new Map<string, { source: AudioBufferSourceNode; gain: GainNode }>();
/** Offers that should ring, with the page's own clock's time of their end; for when sound is allowed late. */
const wanted = new Map<string, number>();

function look(): void {
  if (!context) sound.value = "off";
  else if (muted.value) sound.value = "muted";
  else sound.value = context.state === "running" ? "on" : "blocked";
}

/** Call it from a press of a button: a browser lets nothing sound before. */
export async function allow(): Promise<void> {
  context ??= new AudioContext();
  context.onstatechange = look;
  await context.resume().catch(() => undefined);
  look();
  if (sound.value === "on") next();
}

/** After a reload in mid-shift: tries, and says "blocked" if the browser wants a press first. */
export function prepare(): void {
  context ??= new AudioContext();
  context.onstatechange = () => {
    look();
    if (sound.value === "on") next();
  };
  look();
}

export function setMuted(on: boolean): void {
  muted.value = on;
  look();
  if (on) for (const id of [...ringing.keys()]) halt(id);
  else next();
}

/** One note: a sine with a little of its octave, soft at both ends. */
function note(into: Float32Array, rate: number, from: number, length: number, hertz: number): void {
  const start = Math.floor(from * rate);
  const count = Math.floor(length * rate);
  for (let at = 0; at < count; at += 1) {
    const s = at / rate;
    const shape = Math.min(1, s / 0.06) * Math.exp(-3.2 * (s / length)) * Math.min(1, (length - s) / 0.05);
    into[start + at] = (into[start + at] ?? 0) + shape * (0.55 * Math.sin(2 * Math.PI * hertz * s) + 0.12 * Math.sin(4 * Math.PI * hertz * s));
  }
}

function pattern(audio: AudioContext): AudioBuffer {
  const buffer = audio.createBuffer(1, audio.sampleRate * LOOP_S, audio.sampleRate);
  const [low, high] = TUNES[tune.value] ?? TUNES[0];
  const samples = buffer.getChannelData(0);
  note(samples, audio.sampleRate, 0, 0.7, low);
  note(samples, audio.sampleRate, 0.45, 1.1, high);
  return buffer;
}

function begin(id: string, until: number): void {
  const left = (until - performance.now()) / 1000;
  if (!context || sound.value !== "on" || ringing.has(id) || left <= 0) return;
  const source = context.createBufferSource();
  source.buffer = pattern(context);
  source.loop = true;
  const gain = context.createGain();
  const level = volume.value / 100;
  gain.gain.setValueAtTime(0, context.currentTime);
  gain.gain.linearRampToValueAtTime(level, context.currentTime + RAMP_S);
  source.connect(gain).connect(context.destination);
  source.onended = () => {
    if (ringing.get(id)?.source !== source) return;
    // It rang to its end. Another offer may still be open, and nobody says so again.
    ringing.delete(id);
    wanted.delete(id);
    next();
  };
  source.start(context.currentTime);
  source.stop(context.currentTime + left);
  ringing.set(id, { source, gain });
}

/** Lets an offer ring that should, unless one rings: two offers ring as one. */
function next(): void {
  for (const [id, until] of wanted) {
    if (ringing.size > 0) return;
    if (until > performance.now()) begin(id, until);
    else wanted.delete(id);
  }
}

/** Rings for an offer that ends in so many milliseconds. */
export function ring(id: string, leftMs: number): void {
  wanted.set(id, performance.now() + leftMs);
  next();
}

function halt(id: string): void {
  const it = ringing.get(id);
  ringing.delete(id);
  try {
    it?.source.stop();
  } catch {
    // It has ended by itself on the audio clock.
  }
}

/** The offer is over, however: silence, unless another one still rings. */
export function hush(id: string): void {
  wanted.delete(id);
  halt(id);
  next();
}

export function hushAll(): void {
  for (const id of [...wanted.keys()]) {
    wanted.delete(id);
    halt(id);
  }
}

/** One soft low note: somebody has written. Not the ring, and quieter than it. */
export function soften(): void {
  if (!context || sound.value !== "on") return;
  const buffer = context.createBuffer(1, context.sampleRate, context.sampleRate);
  note(buffer.getChannelData(0), context.sampleRate, 0, 0.8, 329.63);
  const source = context.createBufferSource();
  source.buffer = buffer;
  const gain = context.createGain();
  gain.gain.value = (volume.value / 100) * 0.4;
  source.connect(gain).connect(context.destination);
  source.start();
}

/** The ring once, to hear whether it is heard. */
export function chime(): void {
  if (!context || sound.value !== "on") return;
  const source = context.createBufferSource();
  source.buffer = pattern(context);
  const gain = context.createGain();
  gain.gain.value = volume.value / 100;
  source.connect(gain).connect(context.destination);
  source.start();
}
