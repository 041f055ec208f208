// Saves the text in this browser at once, and on the server every few seconds. A line shows it.
import { contentOf, fieldsOf, language, post } from "./fields.js";
import { keyOf, remove, store } from "./storage.js";
import { renewToken } from "../token.js";

const PAUSE = 3000;
const LONGEST_PAUSE = 30_000;

/** Saves the text of a form. Returns a function that saves it now. */
export const keep = (form) => {
  const [line, signIn, announced] = [".saving", ".sign-in", ".announced"].map((name) => form.querySelector(name));
  const content = () => contentOf(fieldsOf(form));
  // What the server has. After a refused form it is nothing.
  let saved = "unsaved" in form.dataset ? "" : content();
  let [savedAt, timer, pause, isStored, isSent, running] = [0, 0, PAUSE, true, false, null];
  const isDirty = () => content() !== saved;

  const say = (words, isTroubled = false) => {
    if (line.textContent === words) return;
    line.textContent = words;
    line.classList.toggle("troubled", isTroubled);
    if (isTroubled) announced.textContent = words;
  };
  const complain = (name, problem = "") => {
    savedAt = 0;
    signIn.hidden = name !== "signedOut";
    say(line.dataset[name].replace("{problem}", problem), true);
    return name;
  };
  const sayWhen = () => {
    if (!savedAt) return;
    const seconds = Math.round((Date.now() - savedAt) / 1000);
    if (seconds < 1) say(line.dataset.now);
    else if (seconds < 60) say(line.dataset.seconds.replace("{count}", seconds));
    else say(line.dataset.minutes.replace("{count}", Math.floor(seconds / 60)));
  };
  setInterval(sayWhen, 1000);

  const acknowledge = (said, written) => {
    [saved, savedAt, pause] = [written, Date.now(), PAUSE];
    if (!isDirty()) remove(keyOf(form));
    signIn.hidden = true;
    if (announced.textContent) announced.textContent = line.dataset.now;
    form.querySelector(".newer").hidden = !said.newer;
    const others = form.querySelector(".others");
    others.hidden = !said.others?.length;
    others.textContent = others.dataset.others.replace("{names}", new Intl.ListFormat(language).format(said.others ?? []));
    sayWhen();
  };

  const save = async (isSecond = false) => {
    const fields = fieldsOf(form);
    try {
      const { status, said } = await post(form, form.dataset.autosave, fields);
      if (said.saved_at) acknowledge(said, contentOf(fields));
      if (said.saved_at) return status === 409 ? complain("gone") : "saved";
      if (said.problem) return complain("refused", said.problem);
      if (status >= 429) throw status;
      return !isSecond && (await renewToken(form)) ? save(true) : complain("signedOut");
    } catch {
      return complain(isStored ? "offline" : "alone");
    }
  };
  const flush = async () => {
    await running;
    clearTimeout(timer);
    timer = 0;
    running = save();
    const outcome = await running;
    if (outcome !== "saved") pause = Math.min(pause * 2, LONGEST_PAUSE);
    if (isDirty()) soon();
    return outcome;
  };
  const soon = () => { timer ||= setTimeout(flush, pause); };

  const changed = () => {
    if (!isDirty()) return remove(keyOf(form));
    isStored = store(form);
    soon();
  };
  form.addEventListener("input", changed);
  if (isDirty()) changed();

  const retry = () => { if (pause > PAUSE && isDirty()) flush(); };
  addEventListener("online", retry);
  addEventListener("focus", retry);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && !isSent && isDirty()) flush();
  });
  addEventListener("beforeunload", (event) => { if (!isSent && !isStored && isDirty()) event.preventDefault(); });

  // Save the text before the form is sent.
  form.addEventListener("submit", async (event) => {
    if (!isSent && isDirty()) {
      event.preventDefault();
      if (["offline", "alone", "signedOut"].includes(await flush())) return;
      isSent = true;
      form.requestSubmit(event.submitter);
    }
    isSent = true;
    clearTimeout(timer);
    setTimeout(() => { isSent = false; }, 5000); // in case no answer comes
  });

  return async () => { if ((await flush()) === "saved") announced.textContent = line.dataset.now; };
};
