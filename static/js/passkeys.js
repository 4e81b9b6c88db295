// Passkeys: forms with data-passkey ask the browser for a credential and send what it answers.
// "sign-in" fetches its options, "prove" and "create" carry them in data-options.
// The conversions to and from JSON are webauthn-json's, which comes with django-allauth.

const { webauthnJSON } = window;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!webauthnJSON?.supported()) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form).catch((problem) => say(form, problem));
  });
}

async function ask(form) {
  const options = form.dataset.options ? JSON.parse(form.dataset.options) : await fetched(form);
  const credential =
    form.dataset.passkey === "create" ? await created(form, options) : await webauthnJSON.get(options);
  form.elements.credential.value = JSON.stringify(credential);
  form.submit(); // past this listener
}

async function fetched(form) {
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error("The server did not answer.");
  return (await response.json()).request_options;
}

function created(form, options) {
  const alone = form.elements.passwordless?.checked ?? false;
  Object.assign(options.publicKey.authenticatorSelection, {
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: alone,
    ...(alone && { userVerification: "required" }),
  });
  return webauthnJSON.create(options);
}

function say(form, problem) {
  const texts = {
    NotAllowedError: "The device did not give a passkey. Try again, or use another way.",
    InvalidStateError: "This device has a passkey for your account already.",
    SecurityError: "Passkeys need https, and the address that Roster was set up with.",
  };
  const text = texts[problem.name] ?? "That did not work. Try again, or use another way.";
  document.dispatchEvent(new CustomEvent("roster:say", { detail: { text, tone: "bad" } }));
}
