// Keys in the form and in the text. They are ignored while an input method composes.
import { isMac } from "./editing.js";
import { continueList, shift } from "./lists.js";

const TOOLS = { b: "bold", i: "italic", k: "link", e: "code" };

export const listen = (form, text, tools, saveNow) => {
  let isLeaving = false; // after Escape, Tab leaves the text
  const isComposing = (event) => event.isComposing || event.keyCode === 229;

  form.addEventListener("keydown", (event) => {
    const isCommand = (isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey) && !event.altKey && !event.shiftKey;
    const key = event.key.toLowerCase();
    if (isComposing(event)) return;
    if (isCommand && key === "s") saveNow();
    else if (isCommand && key === "enter") form.requestSubmit(form.querySelector("[value=publish]"));
    else if (isCommand && event.target === text && TOOLS[key]) tools[TOOLS[key]]();
    // Enter in a single-line field would send the form.
    else if (key === "enter" && event.target.matches("#title, input:not([type=radio], [type=checkbox])")) {
      if (event.target.name === "title") text.focus();
    } else return;
    event.preventDefault();
  });

  text.addEventListener("keydown", (event) => {
    if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const isDone = (event.key === "Enter" && !event.shiftKey && continueList(text))
      || (event.key === "Tab" && !isLeaving && shift(text, event.shiftKey ? -1 : 1));
    if (event.key !== "Shift") isLeaving = event.key === "Escape";
    if (isDone) event.preventDefault();
  });
};
