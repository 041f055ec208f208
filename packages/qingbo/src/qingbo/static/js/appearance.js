// The picked accent is written into its field, and a typed one shown.
const [typed, picked] = ["accent", "accent_picked"].map((id) => document.getElementById(id));
picked.addEventListener("input", () => { typed.value = picked.value; });
typed.addEventListener("input", () => {
  if (/^#[0-9a-f]{6}$/i.test(typed.value)) picked.value = typed.value.toLowerCase();
});
