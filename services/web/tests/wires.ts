// Wires that a test can cut: a way to a server through this process, which can be closed, fall silent while it stays open, or be as slow
// as a line that is far away.
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";

/** A line: there and back takes so long, and so much passes in a second, each way. */
export interface Pace { roundTripMs: number; bytesPerSecond: number }

export class Wires {
  private server: Server;
  private pairs = new Set<[Socket, Socket]>();
  private open = true;
  private dumb = false;
  private pace: Pace | null = null;

  constructor(private readonly port: number) {
    this.server = createServer((near) => {
      if (!this.open) { near.destroy(); return; }
      const far = connect(this.port, "127.0.0.1");
      const pair: [Socket, Socket] = [near, far];
      this.pairs.add(pair);
      const end = () => { near.destroy(); far.destroy(); this.pairs.delete(pair); };
      const pace = this.pace;
      // A far connection is there one round trip after it was asked for; nothing is sent before.
      const from = performance.now() + (pace?.roundTripMs ?? 0);
      for (const [one, other] of [[near, far], [far, near]] as const) {
        let free = from;
        one.on("data", (bytes) => {
          if (this.dumb) return;
          if (!pace) return void other.write(bytes);
          free = Math.max(free, performance.now()) + (bytes.length * 1_000) / pace.bytesPerSecond;
          setTimeout(() => { if (!other.destroyed) other.write(bytes); }, free + pace.roundTripMs / 2 - performance.now());
        });
        one.on("error", end);
        one.on("close", () => (pace ? setTimeout(end, Math.max(0, free + pace.roundTripMs / 2 - performance.now()) + 1) : end()));
      }
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Connections that are opened from now on are as slow as this; null: as fast as they can be. */
  slow(pace: Pace | null): void { this.pace = pace; }

  /** Ends every connection and takes no new one. */
  cut(): void {
    this.open = false;
    for (const [near, far] of this.pairs) { near.destroy(); far.destroy(); }
  }

  /** Nothing passes, and nobody is told. */
  silence(on: boolean): void { this.dumb = on; }

  mend(): void { this.open = true; this.dumb = false; }

  close(): void { this.cut(); this.server.close(); }
}
