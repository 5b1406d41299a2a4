// What the server put into the page: who is signed in, which build, and what may be opened from here.
import type { Boot } from "./wire.ts";

function read(): Boot {
  const found = JSON.parse(document.getElementById("boot")?.textContent || "{}") as Partial<Boot>;
  return {
    me: found.me ?? { name: "", role: "operator" },
    build: found.build ?? "",
    demo: found.demo ?? false,
    desk: found.desk ?? false,
    board: found.board ?? false,
  };
}

export const boot = read();
