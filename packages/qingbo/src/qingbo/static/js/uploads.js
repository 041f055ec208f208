// Uploads several files at once, each with progress and a stop button.
// Without scripts, the same forms send the files.
import { renewToken } from "./token.js";

const AT_ONCE = 3;
const NOT_SIGNED_IN = [401, 413]; // 413: the size limit is small for people who are not signed in
const STALE = 400;

export const isUnderWay = (list) => list.querySelector("progress") !== null;

/** Removes a line from the list. If its button had the focus, the next one gets it. */
const strike = (item) => {
  const next = item.nextElementSibling ?? item.previousElementSibling;
  const { text, files } = item.closest("form").elements;
  if (item.contains(document.activeElement)) (next?.querySelector("button") ?? text ?? files).focus();
  item.remove();
};

const line = (list, words, name, act) => {
  const [item, button] = ["li", "button"].map((tag) => document.createElement(tag));
  item.textContent = words;
  Object.assign(button, { type: "button", className: "plain", textContent: name });
  button.addEventListener("click", () => { act?.(); strike(item); });
  item.append(button);
  list.append(item);
  return item;
};

export const complain = (list, problem) => {
  const item = line(list, problem, list.dataset.hide);
  item.className = "error";
  return item;
};

/** Lists a file that waits for its upload. The stop button aborts its signal. */
const enlist = (list, file) => {
  const stopping = new AbortController();
  const item = line(list, file.name, list.dataset.stop, () => stopping.abort());
  const bar = document.createElement("progress");
  Object.assign(bar, { max: 1, value: 0, ariaLabel: file.name });
  item.lastChild.before(bar);
  return { file, item, bar, stopped: stopping.signal };
};

const request = (url, token, { file, bar, stopped }) => new Promise((resolve) => {
  const sending = new XMLHttpRequest();
  sending.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = total && loaded / total; });
  sending.addEventListener("loadend", () => {
    let said = {};
    try { said = JSON.parse(sending.response); } catch { /* an error page, or nothing */ }
    resolve({ status: sending.status, made: said.files?.[0], problem: said.problems?.[0] });
  });
  stopped.addEventListener("abort", () => sending.abort());
  const body = new FormData();
  body.append("csrf_token", token);
  body.append("files", file);
  sending.open("POST", url);
  sending.setRequestHeader("Accept", "application/json");
  sending.send(body);
});

/** Uploads a file. Returns the server's answer, or null if it was stopped; throws the message to show. */
const send = async (list, form, entry) => {
  const { upload, failed, signedOut } = list.dataset;
  const ask = () => request(upload, form.elements.csrf_token.value, entry);
  let answer = entry.stopped.aborted ? {} : await ask();
  if (answer.status === STALE && (await renewToken(form).catch(() => false))) answer = await ask();
  if (entry.item.isConnected) strike(entry.item);
  if (entry.stopped.aborted) return null;
  if (answer.made) return answer.made;
  throw answer.problem ?? (NOT_SIGNED_IN.includes(answer.status) ? signedOut : failed.replace("{name}", entry.file.name));
};

/** Uploads files, a few at a time, and passes them to `take` in the order in which they were chosen. */
export const sendAll = async (list, form, files, take) => {
  const { most, large } = list.dataset;
  const entries = [];
  for (const file of files) {
    if (file.size > most * 2 ** 20) complain(list, large.replace("{name}", file.name));
    else entries.push(enlist(list, file));
  }
  const queue = entries.values();
  const answers = new Map(entries.map((entry) => [entry, deferred()]));
  const work = async () => {
    for (const entry of queue) await send(list, form, entry).then(answers.get(entry).resolve, answers.get(entry).reject);
  };
  for (let number = 0; number < AT_ONCE; number += 1) work();
  for (const { promise } of answers.values()) {
    try {
      const made = await promise;
      if (made) await take(made);
    } catch (problem) {
      complain(list, String(problem));
    }
  }
};

const deferred = () => {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  made.promise.catch(() => { /* handled by the awaiting loop */ });
  return made;
};

/** Takes files that are dropped anywhere on the page, except on file inputs. */
export const receive = (form, take) => {
  const isFor = ({ dataTransfer, target }) => dataTransfer?.types.includes("Files") && !target.closest?.("[type=file]");
  addEventListener("dragover", (event) => {
    if (!isFor(event)) return;
    event.preventDefault();
    form.classList.add("receives");
  });
  for (const end of ["dragleave", "drop"]) addEventListener(end, () => form.classList.remove("receives"));
  addEventListener("drop", (event) => {
    if (!isFor(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
};

export const onChoice = (input, take) => input.addEventListener("change", () => {
  const files = [...input.files];
  input.value = ""; // so that the form does not send them again
  if (files.length) take(files);
});
