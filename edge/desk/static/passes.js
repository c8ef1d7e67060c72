// The board: the hole that the address names stays turned over, also when its part is sent anew. One pass: a burst is a part of it.
const board = document.getElementById("passes/board");
const form = document.getElementById("part");

function turn() {
  const wanted = location.hash.slice(1);
  for (const hole of board.children) hole.classList.toggle("turned", hole.id !== "" && hole.id === wanted);
}

if (board) {
  new MutationObserver(turn).observe(board, { childList: true });
  addEventListener("hashchange", () => {
    turn();
    board.querySelector(".turned .main")?.focus();
  });
  turn();
  board.querySelector(".turned .main")?.focus();
}

if (form)
  document.addEventListener("scanned", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    form.elements.text.maxLength = 2000;
    form.elements.text.value = event.detail;
    form.requestSubmit();
  });
