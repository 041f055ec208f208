// Uploads: by button, by paste and by drag, several at once, each with its progress and a way to stop it.
// Without scripts the same forms send their files themselves.
import { replace } from "./composer/editing.js";

const AT_ONCE = 3;

/** Sends a file. Resolves with what the server made of it, null where somebody stopped it; rejects with what to say. */
const send = (list, token, file) => new Promise((resolve, reject) => {
  const { upload, most, failed, large, signedOut, stop } = list.dataset;
  if (file.size > most * 2 ** 20) throw large.replace("{name}", file.name);
  const [item, bar, button, request] = [..."li progress button".split(" ").map((tag) => document.createElement(tag)), new XMLHttpRequest()];
  bar.max = 1;
  bar.ariaLabel = item.textContent = file.name;
  Object.assign(button, { type: "button", className: "plain", textContent: stop });
  button.addEventListener("click", () => request.abort());
  item.append(bar, button);
  list.append(item);
  const end = (settle, value) => {
    item.remove();
    settle(value);
  };
  request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
  request.addEventListener("abort", () => end(resolve, null));
  request.addEventListener("error", () => end(reject, failed.replace("{name}", file.name)));
  request.addEventListener("load", () => {
    let said = {};
    try { said = JSON.parse(request.response); } catch { /* a page that says what is wrong */ }
    if (said.files?.length) end(resolve, said.files[0]);
    else end(reject, said.problems?.[0] ?? (request.status === 401 ? signedOut : failed.replace("{name}", file.name)));
  });
  const body = new FormData();
  body.append("csrf_token", token());
  body.append("files", file);
  request.open("POST", upload);
  request.setRequestHeader("Accept", "application/json");
  request.send(body);
});

/** Sends files, a few at a time, and hands over each in the order they were chosen. */
const sendAll = async (list, token, files, take) => {
  const waiting = [...files].map((file) => ({ file, ready: Promise.withResolvers?.() ?? deferred() }));
  const queue = waiting.values();
  const work = async () => {
    for (const { file, ready } of queue) await send(list, token, file).then(ready.resolve, ready.reject);
  };
  for (let number = 0; number < AT_ONCE; number += 1) work();
  for (const { ready } of waiting) {
    try {
      const made = await ready.promise;
      if (made) take(made);
    } catch (problem) {
      complain(list, String(problem));
    }
  }
};

const deferred = () => {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

const complain = (list, problem) => {
  const item = document.createElement("li");
  item.className = "error";
  item.textContent = problem;
  item.addEventListener("click", () => item.remove());
  list.append(item);
};

/** Files that are dragged over a place are dropped into it, not opened instead of the page. */
const receive = (place, take) => {
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  place.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    place.classList.add("receives");
  });
  for (const end of ["dragleave", "drop"]) place.addEventListener(end, () => place.classList.remove("receives"));
  place.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
};

const onChoice = (input, take) => input.addEventListener("change", () => {
  const files = [...input.files];
  input.value = ""; // the form has nothing more to send
  if (files.length) take(files);
});

const intoComposer = (form) => {
  const list = form.querySelector(".uploads");
  const { text, pictures, cover } = form.elements;
  const token = () => form.elements.csrf_token.value;
  const changed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));

  const insert = ({ address, kind, alt }) => {
    if (form.elements.kind.value === "photos" && kind === "picture") {
      pictures.value = `${pictures.value.trimEnd()}\n${address} ${alt}`.trim();
      return changed(pictures);
    }
    const { value, selectionStart: start, selectionEnd: end } = text;
    const [before, after] = [value.slice(0, start), value.slice(end)];
    const above = before.trim() ? "\n".repeat(Math.max(0, 2 - /\n*$/.exec(before)[0].length)) : "";
    const below = after.trim() ? "\n".repeat(Math.max(0, 2 - /^\n*/.exec(after)[0].length)) : "\n";
    replace(text, start, end, `${above}![${alt}](${address})${below}`);
    return undefined;
  };
  const take = (files) => sendAll(list, token, files, insert).then(() => {
    const bare = /!\[\]\(\/media\/[^)]*\)\s*$/.exec(text.value.slice(0, text.selectionEnd));
    if (bare) text.setSelectionRange(bare.index + 2, bare.index + 2); // where its description goes
    list.nextElementSibling.hidden = !/!\[\]\(\/media\//.test(text.value);
  });

  onChoice(form.elements.files, take);
  onChoice(form.elements.cover_file, (files) => sendAll(list, token, files, ({ address, kind, alt }) => {
    if (kind !== "picture") return;
    cover.value = address;
    form.elements.cover_alt.value ||= alt;
    changed(cover);
  }));
  for (const button of form.querySelectorAll("[data-does=picture], .picks")) {
    button.addEventListener("click", () => form.elements.files.click());
  }
  receive(form, take);
  // Before the text hears it: what has words is pasted as words.
  form.addEventListener("paste", (event) => {
    const { files } = event.clipboardData;
    if (!files.length || event.clipboardData.getData("text/plain").trim()) return;
    event.preventDefault();
    event.stopPropagation();
    take(files);
  }, true);
};

const intoList = (form) => {
  const list = form.querySelector(".uploads");
  const token = () => form.elements.csrf_token.value;
  let isNew = false;
  const take = (files) => sendAll(list, token, files, () => { isNew = true; }).then(() => {
    if (isNew && !list.querySelector(".error")) location.reload();
  });
  onChoice(form.elements.files, take);
  receive(form, take);
};

for (const form of document.querySelectorAll(".composer")) intoComposer(form);
for (const form of document.querySelectorAll(".uploading")) intoList(form);
