// What was typed into a form survives a reload: kept in this tab until the form is saved.
// Applies to every form.form; passwords, secrets, files and hidden fields are never kept.

const SENT = "draft-sent";

const fields = (form) =>
  [...form.elements].filter((field) => field.name && !field.matches("[type=hidden], [type=password], [type=file], [data-secret], button"));

function read(form) {
  const values = {};
  for (const field of fields(form)) {
    values[field.name] ??= [];
    if (field.matches("[type=checkbox], [type=radio]")) {
      if (field.checked) values[field.name].push(field.value);
    } else if (field.multiple) values[field.name].push(...[...field.selectedOptions].map((option) => option.value));
    else values[field.name].push(field.value);
  }
  return values;
}

function write(form, values) {
  const seen = {};
  for (const field of fields(form)) {
    const kept = values[field.name];
    if (!kept) continue;
    if (field.matches("[type=checkbox], [type=radio]")) field.checked = kept.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = kept.includes(option.value);
    else field.value = kept[(seen[field.name] = (seen[field.name] ?? -1) + 1)] ?? field.value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function tell(form, key, original) {
  const note = document.getElementById("draft-note").content.firstElementChild.cloneNode(true);
  note.querySelector("button").addEventListener("click", () => {
    sessionStorage.removeItem(key);
    write(form, original);
    sessionStorage.removeItem(key);
    note.remove();
  });
  form.prepend(note);
}

const sent = sessionStorage.getItem(SENT);
sessionStorage.removeItem(SENT);

document.querySelectorAll("form.form[method=post]").forEach((form, index) => {
  const key = `draft:${location.pathname}:${form.id || index}`;
  const wasRefused = Boolean(form.querySelector(".summary"));
  // Leaving by a submit saved the form, unless the same form came back with errors.
  if (sent === key && !wasRefused) sessionStorage.removeItem(key);
  const original = read(form);
  const draft = sessionStorage.getItem(key);
  if (draft && !wasRefused && draft !== JSON.stringify(original)) {
    write(form, JSON.parse(draft));
    tell(form, key, original);
  }
  form.addEventListener("input", () => sessionStorage.setItem(key, JSON.stringify(read(form))));
  form.addEventListener("change", () => sessionStorage.setItem(key, JSON.stringify(read(form))));
  form.addEventListener("submit", () => sessionStorage.setItem(SENT, key));
});
// Saving leads elsewhere, where the form is not: its draft is done with.
if (sent && !document.querySelector(".summary")) sessionStorage.removeItem(sent);
