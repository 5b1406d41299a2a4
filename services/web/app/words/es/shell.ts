// Español: lo que dicen todas las pantallas. Dice qué pasó, qué significa para la persona y qué hacer; nunca de quién fue la culpa.
import type { shell as english } from "../en/shell.ts";
import type { Message } from "../words.ts";

export const shell: Record<keyof typeof english, Message> = {
  close: "Cerrar", help: "Ayuda", look: "Ajustes", language: "Idioma", theme: "Apariencia", faces: "Otras pantallas",
  sign_out: "Salir de la cuenta",
  "theme.system": "Como este equipo", "theme.light": "Clara", "theme.dark": "Oscura", "theme.contrast": "Alto contraste",
  "role.counselor": "Consejería", "role.peer": "Apoyo entre pares", "role.supervisor": "Supervisión", "role.operator": "Operación",
  "role.administrator": "Administración",
  "channel.voice": "Voz", "channel.text": "Texto", "channel.chat": "Chat",
  "severity.ok": "Bien", "severity.watch": "Atención", "severity.act": "Actuar",
  "span.h": "{n} h", "span.m": { one: "{n} minuto", other: "{n} minutos" }, "span.s": { one: "{n} segundo", other: "{n} segundos" },
  "banners.label": "Lo que hay que saber ahora",
  "fresh.label": "Antigüedad de los datos", "fresh.starting": "Conectando …", "fresh.live": "En vivo · {s} s", "fresh.late": "Con retraso · {s} s",
  "fresh.seldom": "En vivo · cifras nuevas cada {s} s",
  "fresh.lost": "Perdido · de las {at}",
  "fresh.never": "Sin conexión", "fresh.again_in": "Nuevo intento en {s} s.", "fresh.again": "Nuevo intento ahora.",
  "fresh.no_data": "La línea está abierta pero callada. Se abre de nuevo.",
  "lost.board": "Se perdió la conexión. Lo que ve era cierto a las {at}.", "lost.board_never": "Aún no han llegado datos.",
  "lost.plain": "Abrir el panel sencillo",
  "lost.desk": "No tiene conexión. No se le ofrecerá a nadie. Su conversación está a salvo.",
  "signed_out.title": "Su sesión terminó.", "signed_out.what": "Lo que está en pantalla puede ser antiguo.", "signed_out.again": "Entrar de nuevo",
  "demo.label": "Demostración", "demo.caption": "Demo: personas simuladas",
  "keys.title": "Teclas y ayuda", "keys.intro": "Cada tecla se puede cambiar o desactivar. Se recuerda en este equipo.", "keys.action": "Qué hace",
  "keys.key": "Tecla",
  "keys.change": "Cambiar", "keys.change_of": "Cambiar la tecla de: {name}", "keys.off": "Sin tecla", "keys.off_of": "Sin tecla: {name}",
  "keys.press": "Pulse una tecla …", "keys.reset": "Restablecer", "keys.reset_of": "Restablecer: {name}",
  "key.help": "Teclas y ayuda",
  "board.title": "Panel", "board.none_in_window": "sin contactos en el periodo",
  "wall.title": "Pantalla",
  "desk.title": "Puesto",
};
