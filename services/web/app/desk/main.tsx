// Starts the desk.
import "./words.ts";
import "tokens.css";
import "../look/base.css";
import "../look/desk.css";
import { render } from "preact";
import { listen } from "../keys.ts";
import { App } from "./App.tsx";
import { resume } from "./shift.ts";

const root = document.getElementById("app");
if (root) render(<App />, root);
listen();
resume();
