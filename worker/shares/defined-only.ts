type Defined<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> }

/** Leaves out properties that are `undefined`: they would overwrite others in a spread, and stay in the keys. */
export const definedOnly = <Values extends object>(values: Values) =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Defined<Values>
