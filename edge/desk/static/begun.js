// What was typed into a form and not sent: it is not left for a scan, and not lost with a session. A search is no such form.
const isBegun = (field) =>
  field.type === "search" || "takesScan" in field.dataset ? false
  : /^(radio|checkbox)$/.test(field.type) ? field.checked !== field.defaultChecked
  : field.options ? field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected))
  : field.type !== "hidden" && field.value !== field.defaultValue;

export const begunFields = () =>
  [...document.querySelectorAll("main form[method=post] :is(input, select, textarea)")].filter(isBegun);

export const isFormBegun = () => begunFields().length > 0;
