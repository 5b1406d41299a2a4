// Starts the wall, and keeps its screen awake where the browser can.
import "../board/words.ts";
import "tokens.css";
import "../look/base.css";
import "../look/wall.css";
import { render } from "preact";
import { start } from "../board/store.ts";
import { App } from "./App.tsx";

const root = document.getElementById("app");
if (root) render(<App />, root);
start();

/** Only in a secure context, and let go whenever the page is hidden. */
async function stayAwake(): Promise<void> {
  if (document.visibilityState === "visible" && "wakeLock" in navigator) await navigator.wakeLock.request("screen").catch(() => undefined);
}
document.addEventListener("visibilitychange", () => void stayAwake());
void stayAwake();
