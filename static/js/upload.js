// Uploads by drag or picker, two files at a time, with bytes as they go. Without this the form sends
// the files together. What the server makes of a file shows in the list of documents.

const AT_ONCE = 2;
const form = document.querySelector("form[data-upload]");
const input = form.querySelector("input[type=file]");
const list = document.querySelector(form.dataset.list);
const card = list.closest("[data-uploads]");
const line = document.getElementById("upload-line").content.firstElementChild;
const most = Number(form.dataset.maxBytes);
const waiting = [];
let running = 0;

const units = ["bytes", "KB", "MB", "GB"];
function size(bytes) {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return `${(bytes / 1024 ** power).toFixed(power ? 1 : 0)} ${units[power]}`;
}

function say(text, tone) {
  document.dispatchEvent(new CustomEvent("roster:say", { detail: { text, tone } }));
}

function add(file) {
  const item = line.cloneNode(true);
  item.querySelector(".name").textContent = file.name;
  item.querySelector(".amount").textContent = size(file.size);
  item.querySelector("[data-stop]").setAttribute("aria-label", `Cancel uploading ${file.name}`);
  list.append(item);
  card.hidden = false;
  const upload = { file, item, request: null };
  item.querySelector("[data-stop]").addEventListener("click", () => stop(upload));
  if (file.size > most) return refuse(upload, `This file has ${size(file.size)}, more than ${size(most)}. Split it and upload the parts.`);
  waiting.push(upload);
}

function next() {
  while (running < AT_ONCE && waiting.length) send(waiting.shift());
}

function send(upload) {
  const { file, item } = upload;
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.querySelector("input[name=csrfmiddlewaretoken]").value);
  body.append("files", file);
  const request = new XMLHttpRequest();
  upload.request = request;
  running += 1;
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    item.querySelector("progress").value = (100 * loaded) / total;
    item.querySelector(".amount").textContent = `${size(loaded)} of ${size(total)}`;
  });
  request.upload.addEventListener("load", () => {
    item.querySelector("progress").removeAttribute("value");
    item.querySelector(".amount").textContent = "being kept…";
  });
  request.addEventListener("load", () => answered(upload));
  request.addEventListener("error", () => refuse(upload, "The connection was lost. Try this file again."));
  request.addEventListener("abort", () => drop(upload));
  request.addEventListener("loadend", () => {
    running -= 1;
    next();
  });
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.send(body);
}

function answered(upload) {
  const { request } = upload;
  if (request.status >= 300) return refuse(upload, refusals[request.status] ?? "The server could not take this file. Try it again.");
  // Nothing for a new document: its row in the list says the rest. Otherwise a line of its own.
  const told = document.createElement("template");
  told.innerHTML = request.responseText;
  list.append(...told.content.children);
  drop(upload);
  document.body.dispatchEvent(new CustomEvent("uploaded"));
}

const refusals = {
  401: "You are signed out. Sign in again and upload this file once more.",
  403: "You may not upload into this source.",
  404: "This source is not here any more.",
  413: "This file is larger than the server takes.",
};

function refuse(upload, cause) {
  const { item, file } = upload;
  const told = document.createElement("p");
  told.className = "cause";
  told.textContent = cause;
  item.querySelector("progress").replaceWith(told);
  item.querySelector(".amount").textContent = size(file.size);
  const button = item.querySelector("[data-stop]");
  button.textContent = "Dismiss";
  button.setAttribute("aria-label", `Dismiss ${file.name}`);
  upload.request = null;
}

function stop(upload) {
  if (upload.request) return upload.request.abort();
  const place = waiting.indexOf(upload);
  if (place >= 0) waiting.splice(place, 1);
  drop(upload);
}

function drop({ item }) {
  item.remove();
  card.hidden = !list.children.length;
}

function take(files) {
  // A folder that was dropped comes as a file that can't be read.
  [...files].forEach(add);
  next();
}

function chosen() {
  take(input.files);
  input.value = "";
}

input.addEventListener("change", chosen);
// What was chosen while the page was still loading.
if (input.files.length) chosen();
form.addEventListener("submit", (event) => event.preventDefault());

// The whole page takes a drop, so that nobody has to aim.
let inside = 0;
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
document.addEventListener("dragenter", (event) => {
  if (!hasFiles(event)) return;
  inside += 1;
  form.dataset.over = "";
});
document.addEventListener("dragleave", (event) => {
  if (!hasFiles(event)) return;
  inside -= 1;
  if (!inside) delete form.dataset.over;
});
document.addEventListener("dragover", (event) => {
  if (hasFiles(event)) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  inside = 0;
  delete form.dataset.over;
  const files = [...event.dataTransfer.items].filter((item) => !item.webkitGetAsEntry?.()?.isDirectory).map((item) => item.getAsFile()).filter(Boolean);
  if (!files.length) say("Folders can’t be uploaded; drop the files in them.", "warn");
  take(files);
});

window.addEventListener("beforeunload", (event) => {
  if (running || waiting.length) event.preventDefault();
});
