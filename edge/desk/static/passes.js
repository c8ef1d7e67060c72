// The board: the hole that the address names stays turned over, also when its part is sent anew. One pass: a burst is a part of it.
const board = document.getElementById("passes/board");
const form = document.getElementById("part");

function turn() {
  const wanted = location.hash.slice(1);
  for (const hole of board.children) hole.classList.toggle("turned", hole.id !== "" && hole.id === wanted);
}

const hold = () => board.querySelector(".turned .main")?.focus({ preventScroll: true });

function show() {
  const plain = board.querySelector(".turned.plain a"); // it has no back to be turned to
  if (plain) location.replace(plain.href);
  hold();
  board.querySelector(".turned")?.scrollIntoView();
}

if (board) {
  new MutationObserver(() => {
    turn();
    if (document.activeElement === document.body) hold(); // a hole sent anew lies face up until now, and cannot take the focus back
  }).observe(board, { childList: true });
  addEventListener("hashchange", () => {
    turn();
    show();
  });
  turn();
  show();
}

// What unfolds is seen, its choices too.
for (const more of document.querySelectorAll(".passes.one details"))
  more.addEventListener("toggle", () => more.open && more.scrollIntoView({ block: "nearest" }));

if (form)
  document.addEventListener("scanned", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    form.elements.text.maxLength = 2000;
    form.elements.text.value = event.detail;
    form.requestSubmit();
  });
