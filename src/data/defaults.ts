/** Options over their defaults. Plain spreading would let an option that is undefined hide its default. */

/** Options of which those that have defaults are there. */
export type WithDefaults<Options extends object, Defaults extends Partial<Options>> = Options & {
  [Name in keyof Defaults]: Exclude<Options[Name & keyof Options], undefined>;
};

/** The defaults with the options over them; an option that is undefined counts as not given. */
export function withDefaults<Options extends object, Defaults extends Partial<Options>>(
  options: Options,
  defaults: Defaults,
): WithDefaults<Options, Defaults> {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...defaults, ...given } as unknown as WithDefaults<Options, Defaults>;
}
