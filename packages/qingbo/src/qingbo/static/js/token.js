// The CSRF token of a form.

/** Fetches a new token, for a person who has signed in again in another tab. Returns whether it differs. */
export const renewToken = async (form) => {
  const page = await (await fetch(location.pathname)).text();
  const field = form.elements.csrf_token;
  const old = field.value;
  field.value = /name="csrf_token" value="([^"]+)/.exec(page)?.[1] ?? old;
  return field.value !== old;
};
