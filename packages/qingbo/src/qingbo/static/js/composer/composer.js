// The editor. Without these scripts it is a plain form with the same functions.
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

complete(tags, form.querySelector(".completions"), form.dataset.tags); // must get Enter before the form
listen(form, text, equip(form.querySelector(".toolbar"), text), keep(form));
convertPastes(form, text);
count(form.querySelector(".counting"), text);
preview(form);
offer(form).catch(() => { /* storage is disabled */ });

// An invalid field may be inside a closed section.
form.addEventListener("invalid", (event) => {
  const folded = event.target.closest("details");
  if (folded) folded.open = true;
}, true);
