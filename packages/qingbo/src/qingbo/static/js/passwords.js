// A button in each form that shows what is typed as a password.
"use strict";
for (const form of document.querySelectorAll("form[data-show]")) {
  const fields = form.querySelectorAll("input[type=password]");
  const button = document.createElement("button");
  const show = (shown) => {
    for (const field of fields) field.type = shown ? "text" : "password";
    button.textContent = shown ? form.dataset.hide : form.dataset.show;
    button.setAttribute("aria-pressed", String(shown));
  };
  button.type = "button";
  button.className = "plain";
  button.addEventListener("click", () => show(button.getAttribute("aria-pressed") !== "true"));
  fields[fields.length - 1].after(button);
  show(false);
}
