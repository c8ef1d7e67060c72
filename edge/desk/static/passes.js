// The board: the hole that the address names stays turned over, also when its part is sent anew. One pass: a burst is a part of it.
const board = document.getElementById("passes/board");
const form = document.getElementById("part");

function turn() {
  const wanted = location.hash.slice(1);
  for (const hole of board.children) hole.classList.toggle("turned", hole.id !== "" && hole.id === wanted);
}

function show() {
  const plain = board.querySelector(".turned.plain a"); // it has no back to be turned to
  if (plain) location.replace(plain.href);
  board.querySelector(".turned .main")?.focus({ preventScroll: true });
  board.querySelector(".turned")?.scrollIntoView();
}

if (board) {
  new MutationObserver(turn).observe(board, { childList: true });
  addEventListener("hashchange", () => {
    turn();
    show();
  });
  turn();
  show();
}

if (form)
  document.addEventListener("scanned", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    form.elements.text.maxLength = 2000;
    form.elements.text.value = event.detail;
    form.requestSubmit();
  });
