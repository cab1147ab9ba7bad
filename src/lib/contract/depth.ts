/** Nested lists and objects; a JSON Schema has about ten levels. Deeper values can overflow the stack of the code that reads them. */
export const DEPTH_LIMIT = 64

export const isTooDeep = (value: unknown, left = DEPTH_LIMIT): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (left === 0 || Object.values(value).some((part) => isTooDeep(part, left - 1)))
