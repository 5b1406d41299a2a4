// The desk: offers and conversations at the left, the contact that is open in the middle, what goes with it at the right.
import { effect } from "@preact/signals";
import { Banners } from "../shell/Banners.tsx";
import { helpOpen, Keys } from "../shell/Keys.tsx";
import { Banner, Kbd } from "../shell/parts.tsx";
import { TopBar } from "../shell/TopBar.tsx";
import { t } from "../words/words.ts";
import { boot } from "../boot.ts";
import { ContactPane } from "./ContactPane.tsx";
import { Conversations } from "./Conversations.tsx";
import { paletteOpen, setActions, shield } from "./doing.ts";
import { Facts } from "./Facts.tsx";
import { Handoff, handoffOpen } from "./Handoff.tsx";
import { helpAsked, HelpPane } from "./HelpPane.tsx";
import { Joining } from "./Joining.tsx";
import { useHere } from "./line.ts";
import { Offers } from "./OfferCard.tsx";
import { Palette } from "./Palette.tsx";
import { Preflight } from "./Preflight.tsx";
import { close, notices, whyEnded } from "./say.ts";
import { stage } from "./shift.ts";
import { SoundChip } from "./SoundChip.tsx";
import { StateControl } from "./StateControl.tsx";
import { ended, lease, me, openContact, self, takingOver, underWay, writingUp } from "./store.ts";

setActions();

effect(() => {
  document.documentElement.toggleAttribute("data-shield", shield.value);
});

// A handoff that is under way is shown whether or not it was begun in this window; the side of whoever takes over has a pane of its own.
effect(() => {
  const it = openContact.value;
  if (it && underWay(it.handoff) && !takingOver(it)) handoffOpen.value = true;
});

function Notices() {
  return (
    <aside aria-label={t("notices.label")}>
    <ul class="notices">
      {notices.value.map((it) => (
        <li key={it.id} class={it.kind}><span>{it.words}{it.written && <textarea class="private" readOnly rows={4} value={it.written} dir="auto" aria-label={t("wrap.note")} />}</span><button type="button" class="small quiet" onClick={() => close(it.id)}>{t("close")}</button></li>
      ))}
    </ul>
    </aside>
  );
}

/** This window is not the one that rings, or the shift was ended elsewhere. */
function Elsewhere() {
  const why = ended.value;
  return (
    <main class="centered" id="main" tabIndex={-1}>
      <section class="card preflight" aria-labelledby="elsewhere">
        <h2 id="elsewhere">{why && why.reason !== "superseded" ? t("ended.title") : t("lease.title")}</h2>
        <p>{why && why.reason !== "superseded" ? whyEnded(why) : t("lease.what")}</p>
        <p><button type="button" class="primary large" data-use-here onClick={useHere}>{t("lease.use_here")}</button></p>
      </section>
    </main>
  );
}

function Side() {
  const it = openContact.value;
  const joining = it && (takingOver(it) || it.part === "joining") ? it.handoff : null;
  return (
    <div class="side">
      <HelpPane />
      {it && joining ? <Joining contact={it} it={joining} /> : it && handoffOpen.value && !writingUp(it) ? <Handoff contact={it} /> : null}
      {it && <Facts contact={it} />}
    </div>
  );
}

function Work() {
  return (
    <main class="desk-main" id="main" tabIndex={-1}>
      <div class="left">
        <Offers />
        <Conversations />
      </div>
      <ContactPane />
      <Side />
    </main>
  );
}

export function App() {
  const working = stage.value === "working";
  const elsewhere = (stage.value !== "before" && stage.value !== "over" && lease.value === false) || (ended.value !== null && ended.value.reason !== "signed_off");
  const role = self.value?.kind ?? (me.value.role === "peer" ? "peer" : "counselor");
  return (
    <>
      <a class="skip" href="#main">{t("skip.pane")}</a>
      <TopBar title={t("desk.title")} scope={[t(`role.${role}`), self.value?.name || me.value.name].filter(Boolean).join(" · ")} help={() => (helpOpen.value = !helpOpen.value)}>
        {working && !elsewhere && <StateControl />}
        {working && !elsewhere && <SoundChip />}
        {working && !elsewhere && (
          <button type="button" onClick={() => (helpAsked.value = !helpAsked.value)} aria-pressed={helpAsked.value}>{t("help.button")} <Kbd of="help_ask" /></button>
        )}
      </TopBar>
      {boot.demo && <aside class="demo" aria-label={t("demo.label")}><strong>{t("demo.caption")}</strong> <span>{t("demo.desk")}</span></aside>}
      <Banner>
        {stage.value !== "before" && stage.value !== "over" && !ended.value && <Banners face="desk" />}
        {shield.value && <p class="banner shield" role="note">{t("shield.on")} <button type="button" class="small" onClick={() => (shield.value = false)}>{t("shield.show")} <Kbd of="shield" /></button></p>}
      </Banner>
      {elsewhere ? <Elsewhere /> : working ? <Work /> : <Preflight />}
      <Notices />
      {paletteOpen.value && <Palette />}
      {helpOpen.value && <Keys />}
    </>
  );
}

