// Wires that a test can cut: a way to a server through this process, which can be closed, or fall silent while it stays open.
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";

export class Wires {
  private server: Server;
  private pairs = new Set<[Socket, Socket]>();
  private open = true;
  private dumb = false;

  constructor(private readonly port: number) {
    this.server = createServer((near) => {
      if (!this.open) { near.destroy(); return; }
      const far = connect(this.port, "127.0.0.1");
      const pair: [Socket, Socket] = [near, far];
      this.pairs.add(pair);
      const end = () => { near.destroy(); far.destroy(); this.pairs.delete(pair); };
      for (const [from, to] of [[near, far], [far, near]] as const) {
        from.on("data", (bytes) => { if (!this.dumb) to.write(bytes); });
        from.on("error", end);
        from.on("close", end);
      }
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

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
