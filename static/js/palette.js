// The command palette: “/” or Ctrl-K opens it, the server answers, arrows move, Enter opens.

const dialog = document.getElementById("palette");
const input = document.getElementById("palette-query");
const results = document.getElementById("palette-results");

const options = () => [...results.querySelectorAll("[role=option]")];

function select(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

function move(step) {
  const all = options();
  if (!all.length) return;
  const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  select(all[(at + step + all.length) % all.length]);
}

if (dialog) {
  dialog.addEventListener("opened", () => {
    input.value = "";
    input.dispatchEvent(new CustomEvent("palette-opened"));
  });
  results.addEventListener("htmx:afterSwap", () => select(options()[0]));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      // A search field would only empty itself.
      event.preventDefault();
      dialog.close();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    }
  });
  input.form.addEventListener("submit", (event) => {
    const chosen = results.querySelector("[aria-selected=true]");
    if (!chosen) return;
    event.preventDefault();
    chosen.click();
  });
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest?.("input, textarea, select, [contenteditable]");
    // A field that was just hidden, with its dialog, keeps the focus for a moment longer.
    const isTyping = field?.checkVisibility();
    const isShortcut = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !isTyping);
    if (!isShortcut || event.altKey || dialog.open || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    dialog.showModal();
    dialog.dispatchEvent(new CustomEvent("opened"));
  });
}
