// Adds files to the text in the editor: by button, paste and drag.
import { replace } from "./composer/editing.js";
import { complain, isUnderWay, onChoice, receive, sendAll } from "./uploads.js";

const PICTURE = /!\[[^\]\n]*\]\(\/media\/[^)\n]*\)/g;
const PARAGRAPH = /^.*(?:\n(?!\s*\n).*)*(?:\n\s*\n!\[.*\]\(\/media\/.*\)(?=\n|$))*/;

/** Returns where to insert a picture: at the selection, or after the current paragraph while the person writes. */
const placeIn = ({ value, selectionStart: start, selectionEnd: end }, isWriting) => {
  if (isWriting) return Array(2).fill(end + PARAGRAPH.exec(value.slice(end))[0].length);
  for (const { 0: whole, index } of value.matchAll(PICTURE)) {
    const behind = index + whole.length;
    if (index < start && start < behind) return [behind, Math.max(behind, end)];
  }
  return [start, end];
};

const form = document.querySelector(".composer");
const list = form.querySelector(".uploads");
const { text, pictures, cover } = form.elements;
const changed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));
// `known`: the text when files were chosen or last inserted. If it has changed since, the person is writing.
let [known, isWriting, composing] = ["", false, null];
form.addEventListener("compositionstart", ({ target }) => {
  composing = new Promise((resolve) => target.addEventListener("compositionend", resolve, { once: true }));
});

const insert = async ({ address, kind, alt }) => {
  await composing; // do not interrupt an input method
  if (form.elements.kind.value === "photos" && kind === "picture") {
    pictures.value = `${pictures.value.trimEnd()}\n${address} ${alt}`.trim();
    changed(pictures);
    return;
  }
  isWriting ||= text.value !== known;
  const { value, selectionStart, selectionEnd } = text;
  const [start, end] = placeIn(text, isWriting);
  const [before, after] = [value.slice(0, start), value.slice(end)];
  const above = before.trim() ? "\n".repeat(Math.max(0, 2 - /\n*$/.exec(before)[0].length)) : "";
  const below = after.trim() ? "\n".repeat(Math.max(0, 2 - /^\n*/.exec(after)[0].length)) : "\n";
  const written = document.activeElement.matches("input, textarea, select") ? document.activeElement : text;
  replace(text, start, end, `${above}![${alt}](${address})${below}`);
  if (isWriting) text.setSelectionRange(selectionStart, selectionEnd);
  written.focus({ preventScroll: true });
  known = text.value;
};
const begin = () => {
  if (isUnderWay(list)) return;
  [known, isWriting] = [text.value, false];
};
const finish = () => {
  if (!isUnderWay(list)) list.querySelector(".waiting")?.remove();
  const bare = /!\[\]\(\/media\/[^)]*\)\s*$/.exec(text.value.slice(0, text.selectionEnd));
  if (bare && !isWriting) text.setSelectionRange(bare.index + 2, bare.index + 2); // the place of its description
  list.nextElementSibling.hidden = !/!\[\]\(\/media\//.test(text.value);
};
const take = (files) => {
  begin();
  sendAll(list, form, files, insert).then(finish);
};

onChoice(form.elements.files, take);
onChoice(form.elements.cover_file, (files) => sendAll(list, form, files, ({ address, kind, alt }) => {
  if (kind !== "picture") return;
  cover.value = address;
  form.elements.cover_alt.value ||= alt;
  changed(cover);
}).then(finish));
for (const button of form.querySelectorAll("[data-does=picture], .picks")) {
  button.addEventListener("click", () => form.elements.files.click());
}
receive(form, take);
// Runs before the text's own listener. A clipboard that also has text is pasted as text.
form.addEventListener("paste", (event) => {
  const { files } = event.clipboardData;
  if (!files.length || event.clipboardData.getData("text/plain").trim()) return;
  event.preventDefault();
  event.stopPropagation();
  take(files);
}, true);
// Runs before other listeners: leaving the page would lose running uploads.
form.addEventListener("submit", (event) => {
  if (!isUnderWay(list)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!list.querySelector(".waiting")) complain(list, list.dataset.waiting).classList.add("waiting");
}, true);
addEventListener("beforeunload", (event) => { if (isUnderWay(list)) event.preventDefault(); });
