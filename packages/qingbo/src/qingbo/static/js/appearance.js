// Keeps the accent's text field and its colour picker in sync.
const [typed, picked] = ["accent", "accent_picked"].map((id) => document.getElementById(id));
picked.addEventListener("input", () => { typed.value = picked.value; });
typed.addEventListener("input", () => {
  if (/^#[0-9a-f]{6}$/i.test(typed.value)) picked.value = typed.value.toLowerCase();
});
