// English: what every face says. Says what happened, what it means for the person, and what to do; never whose fault it was.
import type { Message } from "../words.ts";

export const shell = {
  close: "Close", help: "Help", look: "Settings", language: "Language", theme: "Appearance", faces: "Other screens",
  "theme.system": "As this device", "theme.light": "Light", "theme.dark": "Dark", "theme.contrast": "High contrast",
  "role.counselor": "Counselor", "role.peer": "Peer supporter", "role.supervisor": "Supervisor", "role.operator": "Operator",
  "role.administrator": "Administrator",
  "channel.voice": "Voice", "channel.text": "Text", "channel.chat": "Chat",
  "severity.ok": "OK", "severity.watch": "Watch", "severity.act": "Act",
  "span.h": "{n} h", "span.m": { one: "{n} minute", other: "{n} minutes" }, "span.s": { one: "{n} second", other: "{n} seconds" },
  "fresh.label": "How old the data is", "fresh.starting": "Connecting …", "fresh.live": "Live · {s} s", "fresh.late": "Late · {s} s",
  "fresh.lost": "Lost · as of {at}",
  "fresh.never": "Not connected", "fresh.again_in": "Trying again in {s} s.", "fresh.again": "Trying again now.",
  "fresh.no_data": "The line is open but silent. It is being opened anew.",
  "lost.board": "The connection is lost. What you see was true at {at}.", "lost.board_never": "No data has come yet.",
  "lost.plain": "Open the plain board",
  "lost.desk": "You are not connected. You will not be offered anyone. Your conversation is safe.",
  "signed_out.title": "You are signed out.", "signed_out.what": "What is on the screen may be old.", "signed_out.again": "Sign in again",
  "demo.label": "Demonstration", "demo.caption": "Demo — simulated people",
  "keys.title": "Keys and help", "keys.intro": "Every key can be changed or switched off. It is remembered on this device.",
  "keys.action": "What it does", "keys.key": "Key",
  "keys.change": "Change", "keys.change_of": "Change the key for: {name}", "keys.off": "Off", "keys.off_of": "No key for: {name}",
  "keys.press": "Press a key …", "keys.reset": "Reset", "keys.reset_of": "Usual key for: {name}",
  "key.help": "Keys and help",
  "board.title": "Board", "board.none_in_window": "no contacts in the window",
  "wall.title": "Wall",
  "desk.title": "Desk",
} satisfies Record<string, Message>;
