// Ticking rows of a list. Without this the boxes and the buttons below the list do the same.

// What is ticked outlives a list that renews itself, as long as its rows are there.
const ticked = new Set();
let last = null; // the box that a Shift-click reaches to

const bar = () => document.querySelector("[data-bulk]");
const boxes = () => [...document.querySelectorAll("[data-pick]")];
const matching = () => bar()?.querySelector("[data-pick-matching]");

function show() {
  const form = bar();
  if (!form) return;
  const all = boxes();
  const count = all.filter((box) => box.checked).length;
  const whole = matching()?.checked ?? false;
  form.dataset.live = "";
  form.toggleAttribute("data-used", count > 0 || whole);
  form.querySelector("[data-count]").textContent = whole ? `${matching().dataset.total} selected` : `${count} selected`;
  form.querySelector("[data-pick-none]").hidden = false;
  const head = document.querySelector("[data-pick-all]");
  if (!head) return;
  head.hidden = false;
  const box = head.querySelector("input");
  box.checked = count > 0 && count === all.length;
  box.indeterminate = count > 0 && count < all.length;
}

function tick(box, on) {
  box.checked = on;
  if (on) ticked.add(box.value);
  else ticked.delete(box.value);
}

function everything(on) {
  boxes().forEach((box) => tick(box, on));
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.("[data-pick]");
  if (box) {
    // Shift reaches from the box before to this one, as in every list of files.
    const all = boxes();
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    if (event.shiftKey && from >= 0) all.slice(from, to + 1).forEach((one) => tick(one, box.checked));
    last = box;
  } else if (event.target.closest?.("[data-pick-none]")) {
    if (matching()) matching().checked = false;
    everything(false);
    show();
    document.querySelector("[data-pick-all] input")?.focus();
  }
});

document.addEventListener("change", (event) => {
  const target = event.target;
  if (target.matches("[data-pick]")) {
    tick(target, target.checked);
    if (!target.checked && matching()) matching().checked = false;
  } else if (target.matches("[data-pick-all] input")) {
    if (!target.checked && matching()) matching().checked = false;
    everything(target.checked);
  } else if (target.matches("[data-pick-matching]")) {
    everything(target.checked);
  } else {
    return;
  }
  show();
});

function renewed() {
  const there = boxes();
  const present = new Set(there.map((box) => box.value));
  [...ticked].filter((value) => !present.has(value)).forEach((value) => ticked.delete(value));
  there.forEach((box) => (box.checked = ticked.has(box.value)));
  show();
}

document.addEventListener("htmx:afterSettle", renewed);
addEventListener("pageshow", () => {
  boxes().forEach((box) => (box.disabled = false));
  renewed();
});

// All of a list is asked for by its filters; the ids would only make the address long.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-bulk]") && matching()?.checked) boxes().forEach((box) => (box.disabled = true));
});
