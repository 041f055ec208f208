// Reads, fills and sends the form's fields.

export const { lang: language } = document.documentElement;

const WRITTEN = ["title", "text", "source", "link", "pictures", "cover", "cover_alt", "tags", "excerpt"];
const CHOSEN = ["kind", "slug", "date", "language", "visibility", "pinned", "series", "translations"];

export const fieldsOf = (form) => {
  const { csrf_token, ...fields } = Object.fromEntries(new FormData(form));
  return fields;
};

const say = (fields, names) => JSON.stringify(names.map((name) => (fields[name] ?? "").replaceAll("\r\n", "\n")));

/** Returns all editable fields as text, for comparison. */
export const contentOf = (fields) => say(fields, WRITTEN.concat(CHOSEN));
export const isEmpty = (fields) => say(fields, WRITTEN) === say({}, WRITTEN);

/** Restores saved fields, with the version that they began with. */
export const fill = (form, fields) => {
  for (const name of [...WRITTEN, ...CHOSEN, "version", "draft"]) {
    if (name === "pinned") form.elements.pinned.checked = name in fields;
    else form.elements[name].value = fields[name] ?? "";
  }
  form.elements.text.dispatchEvent(new Event("input", { bubbles: true }));
};

/** Sends fields. Returns the status and the JSON of the answer. */
export const post = async (form, address, fields) => {
  const body = new URLSearchParams({ ...fields, csrf_token: form.elements.csrf_token?.value ?? "" });
  const answer = await fetch(address, { method: "POST", body, redirect: "manual", headers: { Accept: "application/json" } });
  return { status: answer.status, said: await answer.json().catch(() => ({})) };
};
