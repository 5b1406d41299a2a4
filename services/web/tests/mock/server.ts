// A server for tests and screenshots: the built pages as the crate serves them, with the same Content-Security-Policy, and the two
// sockets of wire.ts over real WebSockets. What it says comes from DeskMock and BoardMock; it can be cut, silenced and started anew.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { WebSocketServer, type WebSocket } from "ws";
import type { Boot, Role } from "../../app/wire.ts";
import { BoardMock } from "./board.ts";
import { DeskMock } from "./desk.ts";

const dist = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../dist");
const TYPES: Record<string, string> = { ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml" };
const CSP = "default-src 'self'";

export class Mock {
  desk = new DeskMock();
  board = new BoardMock();
  boot: Boot = { me: { name: "sam", role: "counselor" as Role }, build: "b1", demo: false, desk: true, board: true };
  /** False: a socket that is asked for is turned away. */
  accepting = true;
  /** Only a page that was opened under this name of the host gets a socket; every page if it is empty. */
  only = "";
  /** What the browser asked for by HTTP, for the test that nothing else was asked. */
  asked: string[] = [];
  private sockets = new Set<WebSocket>();
  private server: Server;
  private upgrade = new WebSocketServer({ noServer: true });
  url = "";

  constructor() {
    this.server = createServer((request, response) => void this.serve(request, response));
    this.server.on("upgrade", (request, socket, head) => {
      if (!this.accepting || !request.headers.host?.startsWith(this.only)) return socket.destroy();
      this.upgrade.handleUpgrade(request, socket, head, (it) => this.open(request, it));
    });
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((done) => this.server.listen(port, "127.0.0.1", done));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  /** Every socket breaks, with nothing said. */
  cut(): void {
    for (const it of this.sockets) it.terminate();
  }

  async close(): Promise<void> {
    this.desk.stop();
    this.board.stop();
    this.cut();
    this.server.closeAllConnections();
    await new Promise<void>((done) => (this.server.listening ? this.server.close(() => done()) : done()));
  }

  private open(request: IncomingMessage, socket: WebSocket): void {
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    if (request.url === "/ui/v1/desk") this.desk.open(socket);
    else if (request.url === "/ui/v1/board") this.board.open(socket);
    else socket.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = new URL(request.url ?? "/", "http://mock").pathname;
    this.asked.push(at);
    const headers = { "content-security-policy": CSP, "cache-control": "no-store" };
    const face = { "/desk": "desk", "/board": "board", "/wall": "wall" }[at];
    if (face) {
      const shell = await readFile(path.join(dist, `${face}.html`), "utf8");
      const html = shell.replace("{{boot}}", JSON.stringify(this.boot).replaceAll("<", "\\u003c"));
      response.writeHead(200, { ...headers, "content-type": "text/html; charset=utf-8" }).end(html);
      return;
    }
    const bytes = at.startsWith("/assets/") ? await readFile(path.join(dist, at)).catch(() => null) : null;
    if (!bytes) {
      response.writeHead(404, headers).end();
      return;
    }
    response.writeHead(200, { ...headers, "content-type": TYPES[path.extname(at)] ?? "application/octet-stream" }).end(bytes);
  }
}
