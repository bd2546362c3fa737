/** How long somebody takes to come: the choices of a `select`, in the language of the page. */

const MINUTES = [5, 10, 15, 20, 30, 45, 60, 90];

export function offerTravel(select) {
  const words = new Intl.NumberFormat(`${document.documentElement.lang}-u-nu-latn`, { style: "unit", unit: "minute", unitDisplay: "long" });
  for (const minutes of MINUTES) select.append(new Option(words.format(minutes), minutes));
}

/** Shows what was chosen, also what no page offers. */
export function showTravel(select, minutes) {
  if (document.activeElement === select || Number(select.value) === minutes) return;
  if (![...select.options].some((option) => Number(option.value) === minutes)) select.append(new Option(`${minutes} min`, minutes));
  select.value = String(minutes);
}
