// The preview, rendered by the server when the writer pauses.
import { fieldsOf, isEmpty, post } from "./fields.js";

const PAUSE = 400;

export const preview = (form) => {
  const [page, pane] = [form.querySelector(".page"), form.querySelector(".preview")];
  const [title, cut, words, problem] = pane.children;
  let [waiting, isBusy, isStale, leader] = [0, false, false, page];

  const render = async () => {
    isStale = isBusy;
    if (isBusy) return;
    isBusy = true;
    title.textContent = form.elements.title.value;
    const { status, said } = await post(form, form.dataset.preview, fieldsOf(form)).catch(() => ({}));
    problem.textContent = said?.problem ?? "";
    if (status === 200) {
      words.innerHTML = said.html;
      cut.innerHTML = said.notes;
      follow(page, pane);
    }
    isBusy = false;
    if (isStale) soon();
    else if (status === 429) setTimeout(soon, 9000);
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(render, PAUSE);
  };
  form.addEventListener("input", soon);
  if (!isEmpty(fieldsOf(form))) render();

  // A link in the preview must not leave the page.
  pane.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && !link.getAttribute("href").startsWith("#")) link.target = "_blank";
  });

  const button = form.querySelector("button[value=preview]");
  const switches = form.querySelectorAll("[data-shows]");
  button.ariaPressed = "false";
  const show = (view) => {
    form.dataset.view = view;
    for (const each of switches) each.ariaPressed = String(each.dataset.shows === view);
    button.ariaPressed = String(view === "preview");
  };
  for (const each of switches) each.addEventListener("click", () => show(each.dataset.shows));
  button.addEventListener("click", (event) => {
    event.preventDefault();
    show(form.dataset.view === "preview" ? "write" : "preview");
  });

  // Text and preview scroll together, in proportion. The one in use leads.
  const follow = (from, to) => {
    const room = from.scrollHeight - from.clientHeight;
    if (room > 0) to.scrollTop = (from.scrollTop / room) * (to.scrollHeight - to.clientHeight);
  };
  for (const [one, other] of [[page, pane], [pane, page]]) {
    for (const touch of ["pointerenter", "wheel", "focusin"]) one.addEventListener(touch, () => { leader = one; });
    one.addEventListener("scroll", () => { if (leader === one) follow(one, other); });
  }
};
