// The conditions of a form (`yimi.rules.wire`), with the three values of SQL: true, false and null (unknown).
// What is unknown neither shows a field nor asks for it.

const compare = {
  "=": (a, b) => a === b,
  "<>": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** An answer as a rule sees it: nothing typed and nothing ticked are null. */
function answered(value) {
  if (value === undefined || value === null || value === "") return null;
  return Array.isArray(value) && !value.length ? null : value;
}

/** The value of a rule or of a part of it. `answers`: typed values by field; dates in ISO spelling. */
export function value(rule, answers) {
  const [word, first, second] = rule;
  switch (word) {
    case "field": return answered(answers[first]);
    case "text": case "number": case "date": return first;
    case "true": return true;
    case "false": return false;
    case "null": return null;
    case "is null": return value(first, answers) === null;
    case "not": return not(value(first, answers));
    case "and": return and(value(first, answers), () => value(second, answers));
    case "or": return not(and(not(value(first, answers)), () => not(value(second, answers))));
    case "in": return second.map((each) => ["=", first, each]).reduce((found, each) =>
      not(and(not(found), () => not(value(each, answers)))), false);
  }
  if (!(word in compare)) throw new Error(`unknown word of a rule: ${word}`);
  const [left, right] = [value(first, answers), value(second, answers)];
  return left === null || right === null ? null : compare[word](left, right);
}

const not = (one) => (one === null ? null : !one);

function and(one, rest) {
  if (one === false) return false;
  const other = rest();
  if (other === false) return false;
  return one === null || other === null ? null : true;
}

/** Is a rule true of these answers? Unknown is not true. */
export const holds = (rule, answers) => value(rule, answers) === true;

/** The fields that are asked, and of those the ones that must be answered: `{shown: Set, wanted: Set}`.
 *  What is hidden is no answer, and so it may hide more. */
export function asked(fields, answers) {
  let shown = new Set(fields.map((each) => each.id));
  let known = answers;
  for (let round = 0; round <= fields.length; round += 1) {
    const next = new Set(fields.filter((each) => !each.show_when || holds(each.show_when, known)).map((each) => each.id));
    const same = next.size === shown.size && [...next].every((each) => shown.has(each));
    shown = next;
    if (same) break;
    known = Object.fromEntries(Object.entries(answers).filter(([name]) => shown.has(name)));
  }
  const must = (each) => (each.required_when ? holds(each.required_when, known) : each.required);
  return { shown, wanted: new Set(fields.filter((each) => shown.has(each.id) && must(each)).map((each) => each.id)) };
}
