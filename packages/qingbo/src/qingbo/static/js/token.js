// The token that a form carries, to show that it comes from a page of this blog.

/** Fetches the token anew for who signed in again, in another tab. Returns whether it is another one. */
export const renewToken = async (form) => {
  const page = await (await fetch(location.pathname)).text();
  const field = form.elements.csrf_token;
  const old = field.value;
  field.value = /name="csrf_token" value="([^"]+)/.exec(page)?.[1] ?? old;
  return field.value !== old;
};
