// Shows and hides typed passwords.
"use strict";
for (const button of document.querySelectorAll(".show-passwords")) {
  const fields = button.form.querySelectorAll("input[type=password]");
  button.addEventListener("click", () => {
    const shown = button.getAttribute("aria-pressed") !== "true";
    for (const field of fields) field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
}
