// Starts the board.
import "./words.ts";
import "tokens.css";
import "../look/base.css";
import "../look/board.css";
import "uplot/dist/uPlot.min.css";
import { render } from "preact";
import { listen } from "../keys.ts";
import { App } from "./App.tsx";
import { start } from "./store.ts";

const root = document.getElementById("app");
if (root) render(<App />, root);
listen();
start();
