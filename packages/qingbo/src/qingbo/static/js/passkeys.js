// Lets the browser create or use a passkey, and sends its answer with the form.
"use strict";
(async () => {
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const known = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));
  const options = JSON.parse(form.dataset.options);
  options.challenge = bytes(options.challenge);
  try {
    let credential, response;
    if (form.dataset.passkey === "create") {
      options.user.id = bytes(options.user.id);
      options.excludeCredentials = known(options.excludeCredentials);
      credential = await navigator.credentials.create({ publicKey: options });
      response = {
        attestationObject: text(credential.response.attestationObject),
        transports: credential.response.getTransports?.() ?? [],
      };
    } else {
      options.allowCredentials = known(options.allowCredentials);
      credential = await navigator.credentials.get({ publicKey: options });
      const user = credential.response.userHandle;
      response = {
        authenticatorData: text(credential.response.authenticatorData),
        signature: text(credential.response.signature),
        userHandle: user ? text(user) : null,
      };
    }
    response.clientDataJSON = text(credential.response.clientDataJSON);
    form.elements.credential.value = JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      extensions: JSON.stringify(credential.getClientExtensionResults()),
    });
    form.submit();
  } catch {
    form.querySelector("[data-waiting]").hidden = true;
    form.querySelector("[data-failed]").hidden = false;
  }
})();
