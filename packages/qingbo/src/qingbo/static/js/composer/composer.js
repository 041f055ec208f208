// The page for writing. Without these scripts it is a plain form that does the same.
import { count } from "./counting.js";
import { listen } from "./keys.js";
import { convertPastes } from "./paste.js";
import { preview } from "./preview.js";
import { keep } from "./saving.js";
import { offer } from "./storage.js";
import { complete } from "./tags.js";
import { equip } from "./toolbar.js";

const form = document.querySelector(".composer");
const { text, tags } = form.elements;

complete(tags, form.querySelector(".completions"), form.dataset.tags); // hears Enter before the form does
listen(form, text, equip(form.querySelector(".toolbar"), text), keep(form));
convertPastes(form, text);
count(form.querySelector(".counting"), text);
preview(form);
offer(form).catch(() => { /* a browser that keeps nothing */ });

// A field that the browser refuses may be in what is folded.
form.addEventListener("invalid", (event) => {
  const folded = event.target.closest("details");
  if (folded) folded.open = true;
}, true);
