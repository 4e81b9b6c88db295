// Behaviour of every page, hung on data attributes. Pages work without it, only less comfortably.

const messages = document.getElementById("messages");
const template = document.getElementById("message-template");

// ---- Messages. Any module says something with
//      document.dispatchEvent(new CustomEvent("roster:say", { detail: { text, tone } }))
function say(text, tone = "bad") {
  const shown = [...messages.querySelectorAll("span")];
  if (shown.some((span) => span.textContent === text)) return;
  const message = template.content.firstElementChild.cloneNode(true);
  message.dataset.tone = tone;
  message.querySelector("span").textContent = text;
  messages.append(message);
  fade(message);
}

function fade(message) {
  // What went wrong stays until it is dismissed; a message under the pointer or focus stays too.
  if (message.dataset.tone === "bad" || message.dataset.tone === "warn") return;
  const leave = () => (message.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : message.remove());
  setTimeout(leave, 7000);
}

messages.querySelectorAll(".message").forEach(fade);
document.addEventListener("roster:say", (event) => say(event.detail.text, event.detail.tone));

// ---- Tabs wider than the screen begin at the one that is open.
document.querySelectorAll(".tabs").forEach((tabs) => {
  const open = tabs.querySelector("[aria-current]");
  if (open) tabs.scrollLeft = open.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - open.offsetWidth) / 2;
});

// ---- Clicks on data attributes
document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-opens], [data-closes], [data-copy], [data-dismiss]");
  if (target?.dataset.opens !== undefined) open(event, target);
  else if (target?.dataset.closes !== undefined) target.closest("dialog")?.close();
  else if (target?.dataset.copy !== undefined) copy(target);
  else if (target?.dataset.dismiss !== undefined) target.closest(".message, .note")?.remove();
  else if (event.target instanceof HTMLDialogElement) event.target.close(); // the backdrop
  else openRow(event);
});

function open(event, opener) {
  const dialog = document.getElementById(opener.dataset.opens);
  if (!(dialog instanceof HTMLDialogElement)) return;
  event.preventDefault();
  opener.closest("[popover]")?.hidePopover();
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("opened"));
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    say("Copied.", "good");
  } catch {
    say("The browser did not allow copying. The whole id is in the tooltip.", "warn");
  }
}

// A row opens what its first link opens; its other links, buttons and selected text keep their own meaning.
function openRow(event) {
  const row = event.target.closest("tr[data-href]");
  if (!row || event.target.closest("a, button, input, label, select, summary, dialog, [popover]")) return;
  if (String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else location.assign(row.dataset.href);
}

// ---- Menus: arrows move through the entries, from the button that opened one, too
const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu") ?? event.target.popoverTargetElement;
  if (!(event.key in STEPS) || !menu?.matches(".menu:popover-open") || event.target.matches("input, select, textarea")) return;
  const entries = [...menu.querySelectorAll("a[href], button:not(:disabled)")];
  const next = entries.indexOf(document.activeElement) + STEPS[event.key];
  event.preventDefault();
  entries[Number.isFinite(next) ? (next + entries.length) % entries.length : next > 0 ? entries.length - 1 : 0]?.focus();
});

// ---- Rows of inputs that stand in an order: one place up, or empty, with those below it moving up
const inputs = (row) => [...row.querySelectorAll("input, select")];
const put = (row, values) => inputs(row).forEach((input, at) => (input.value = values[at]));
document.querySelectorAll("[data-move-up], [data-clear-row]").forEach((button) => (button.hidden = false));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move-up], [data-clear-row]");
  if (!button) return;
  const rows = [...button.closest("[data-rows]").querySelectorAll("[data-row]")];
  const at = rows.indexOf(button.closest("[data-row]"));
  const values = rows.map((row) => inputs(row).map((input) => input.value));
  if (button.dataset.moveUp !== undefined) [values[at - 1], values[at]] = [values[at], values[at - 1]];
  else values.push(...values.splice(at, 1).map((row) => row.map(() => "")));
  rows.forEach((row, place) => put(row, values[place]));
  rows[0].querySelector("input").dispatchEvent(new Event("input", { bubbles: true }));
});

// ---- Forms
document.querySelector("[data-focus]")?.focus();
// What is shown only once is the answer to a form: a reload would send that again, and make another.
const instead = document.querySelector("[data-instead]")?.dataset.instead;
if (instead) history.replaceState(null, "", instead);

let typing;
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-search]")) return;
  clearTimeout(typing);
  typing = setTimeout(() => event.target.form?.requestSubmit(), 250);
});
// Enter in a search inside a form finds, and does not save.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-find]")) return;
  event.preventDefault();
  event.target.dispatchEvent(new Event("find"));
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form?.requestSubmit();
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  form.querySelectorAll("[data-address]").forEach((field) => (field.value = location.search));
  if (form.matches("[data-theme-form]")) return setTheme(event, form, event.submitter);
  // What a list is filtered by now stands in the address, also when htmx has changed it.
  if (form.matches("[data-with-query]")) return void (form.action = form.action.split("?")[0] + location.search);
  if (form.method !== "post" || event.defaultPrevented || form.hasAttribute("hx-post")) return;
  // A second click would do the thing twice. Disabled a moment later, or the button's value is lost.
  setTimeout(() => form.querySelectorAll("button:not([type=button])").forEach((button) => (button.disabled = true)));
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form button:disabled").forEach((button) => (button.disabled = false));
});

// ---- Saved views: once a list is filtered by htmx, it is no longer the view that was open, and can be saved.
document.addEventListener("htmx:pushedIntoHistory", () => {
  document.querySelectorAll("[data-when-narrowed]").forEach((button) => (button.hidden = false));
  document.querySelectorAll(".views .chip[aria-current]").forEach((chip) => chip.removeAttribute("aria-current"));
  document.querySelectorAll(".views [popovertarget]").forEach((button) => (button.hidden = true));
});

// ---- Theme: the server keeps it in a cookie; here it only changes without a reload.
async function setTheme(event, form, button) {
  event.preventDefault();
  const theme = button.value;
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  form.querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
  const response = await fetch(form.action, { method: "POST", body: new FormData(form, button), redirect: "manual" }).catch(() => null);
  if (!response || response.status >= 400) say("The theme could not be kept; it lasts until you leave this page.", "warn");
}

// ---- htmx: the token for requests that carry no form, and what to say when one fails
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.value;
});
// A button that its answer puts anew keeps the focus, and where it went with its row the last one gets it.
let pressed = null;
document.addEventListener("htmx:beforeRequest", (event) => {
  const button = document.activeElement;
  if (button?.matches("button[id]") && event.detail.elt.contains(button)) pressed = { id: button.id, elt: event.detail.elt };
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (!pressed || event.detail.requestConfig?.elt !== pressed.elt) return;
  const { id } = pressed;
  pressed = null;
  if (document.activeElement !== document.body) return;
  const successor = document.getElementById(id) ?? [...event.detail.target.querySelectorAll("button")].at(-1);
  successor?.focus();
});
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  const id = event.detail.xhr.getResponseHeader("X-Request-ID");
  const known = { 403: "You may not do this.", 404: "This is not here any more.", 409: "Somebody else changed this meanwhile. Reload to see it.", 429: "Too many requests. Wait a moment." };
  say(known[status] ?? `Something went wrong on the server${id ? ` (request ${id})` : ""}. Try again.`);
});
document.addEventListener("htmx:sendError", () => say("The server can’t be reached. Check the connection and try again."));
document.addEventListener("htmx:timeout", () => say("The server takes too long to answer. Try again."));

document.documentElement.dataset.ready = "";
