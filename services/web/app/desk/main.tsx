// Starts the desk.
import "./words.ts";
import "tokens.css";
import "../look/base.css";
import "../look/desk.css";
import { render } from "preact";
import { listen } from "../keys.ts";
import "./note_time.ts";
import { App } from "./App.tsx";
import "./news.ts";
import "./spoken.ts";
import { resume } from "./shift.ts";

const root = document.getElementById("app");
if (root) render(<App />, root);
listen();
resume();
