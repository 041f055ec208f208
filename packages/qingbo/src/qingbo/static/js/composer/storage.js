// Keeps the text in this browser until the server has it, and offers it after a crash.
import { contentOf, fieldsOf, fill, isEmpty, language } from "./fields.js";

const PREFIX = "qingbo:draft:";
const OPEN = "qingbo:open:";

export const keyOf = (form) => `${PREFIX}${form.dataset.account}:${form.elements.draft.value}`;

/** Returns whether it worked: storage may be full or disabled. */
export const store = (form) => {
  try {
    localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), fields: fieldsOf(form) }));
    return true;
  } catch {
    return false;
  }
};

export const remove = (key) => {
  try { localStorage.removeItem(key); } catch { /* storage is disabled */ }
};

/** Offers stored text: of this post; for a new post, of any new post. */
export const offer = async (form) => {
  const own = keyOf(form);
  const all = `${PREFIX}${form.dataset.account}:`;
  const isCandidate = (key) => key === own || (!form.elements.post.value && key.startsWith(all) && !key.startsWith(`${all}post-`));
  const held = (await navigator.locks?.query())?.held ?? [];
  // While this page is open, other pages do not offer its text.
  navigator.locks?.request(OPEN + own + Math.random(), () => new Promise(() => {}));
  for (const key of Object.keys(localStorage).filter(isCandidate)) {
    const { at, fields } = JSON.parse(localStorage.getItem(key));
    const isOpen = held.some(({ name }) => name.startsWith(OPEN + key));
    if (isEmpty(fields)) remove(key);
    else if (!isOpen && contentOf(fields) !== contentOf(fieldsOf(form))) return ask(form, key, at, fields);
  }
};

const ask = (form, key, at, fields) => {
  const notice = form.querySelector(".found");
  const [line, use, drop] = notice.querySelectorAll("p[data-new], button");
  const words = (fields.title || fields.text || fields.pictures || fields.link || "").trim().slice(0, 40);
  const when = new Date(at).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
  notice.hidden = false;
  line.textContent = line.dataset[key === keyOf(form) ? "changed" : "new"].replace("{words}", () => words).replace("{when}", when);
  use.addEventListener("click", () => {
    notice.hidden = true;
    fill(form, fields);
    form.elements.text.focus();
  });
  drop.addEventListener("click", () => {
    notice.hidden = true;
    remove(key);
  });
};
