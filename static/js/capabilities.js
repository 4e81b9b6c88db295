// Check-boxes of rights: one that is ticked brings along what it includes, and what is taken away
// takes along what includes it. The server does the same; here one sees it happen.

const boxes = [...document.querySelectorAll("[data-includes]")];
const included = (box) => box.dataset.includes.split(" ");

function follow(changed) {
  for (const box of boxes) {
    if (box === changed || box.disabled) continue;
    if (changed.checked && included(changed).includes(box.value)) box.checked = true;
    if (!changed.checked && included(box).includes(changed.value)) box.checked = false;
  }
}

for (const box of boxes) box.addEventListener("change", (event) => event.isTrusted && follow(box));
