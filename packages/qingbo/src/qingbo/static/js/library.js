// The studio's media page: adds uploaded files to its list.
import { onChoice, receive, sendAll } from "./uploads.js";

const form = document.querySelector(".uploading");
const list = form.querySelector(".uploads");
const shown = document.querySelector(".library");
const take = async (files) => {
  let isNew = false;
  await sendAll(list, form, files, () => { isNew = true; });
  if (!isNew) return;
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  shown.replaceChildren(...page.querySelector(".library").childNodes);
};
onChoice(form.elements.files, take);
receive(form, take);
